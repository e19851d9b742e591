package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Augmentation;
import dev.retort.distill.Objective;
import dev.retort.distill.Pairing;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be had together is said before the first run, by the method's name. */
@NullUnmarked
class MethodObjectivesTest {
  @TempDir Path folder;

  private List<Objective> build(String objectives, Integer views) throws IOException {
    return build(objectives, views, Augmentation.STANDARD);
  }

  private List<Objective> build(String objectives, Integer views, Augmentation augmentation)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("study.yaml"),
            """
            data: cifar10-mini
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 1}
            methods:
              - name: made
                objectives: [%s]
            """
                .formatted(objectives));
    MethodConfiguration method =
        ConfigurationReader.standard().readStudy(file, List.of()).configuration().methods().get(0);
    Map<String, long[]> shapes = Map.of("logits", new long[] {10}, "embedding", new long[] {64});
    Pairing pairing =
        new Pairing(shapes, shapes, 10, 100, ScalarType.Float, RandomSource.of(1, "objectives"));
    return MethodObjectives.of(method, "resnet8", pairing, augmentation, views);
  }

  /** Its real samples would be equal to what it knows of them. */
  @Test
  void pairsOfViewsNeedViewsThatDiffer() {
    String pairs = "cross-entropy, adversary: {on: [logits], discriminator: {condition: pair}}";
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> build(pairs, null, Augmentation.NONE))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("without training.augmentation all views are the same");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'adversary: {on: [logits]}' | adversary:logits has a weight relative to the rest of the loss, which is all terms but adversaries, and none of them has a weight; add one (cross-entropy), or give it weight: {fixed: 1, start: 0}",
        "'cross-entropy: {weight: 0}, adversary: {on: [logits]}' | adversary:logits has a weight relative to the rest of the loss, which is all terms but adversaries, and none of them has a weight",
        "'adversary: {on: [embedding], weight: {fixed: 1, start: 0}}, adversary: {on: [logits]}' | adversary:logits has a weight relative to the rest of the loss, which is all terms but adversaries",
        "'hinton: {weight: 0, crossEntropy: 0}' | nothing trains the student at the first step: the method has no objective but hinton",
        "'adversary: {on: [logits], weight: {fixed: 1}}' | nothing trains the student at the first step: the method has no objective but adversary:logits, with a weight of 0 there; add one (cross-entropy), or give it weight: {fixed: 1, start: 0}",
        "'adversary: {on: [logits, embedding], weight: {adaptiveBeta: 1, start: 0.3, full: 0.4}}' | no objective but adversary:logits, adversary:embedding, with a weight of 0",
        "'adversary: {on: [logits], weight: {fixed: 0, start: 0}}' | nothing trains the student at the first step",
        "'cross-entropy, adversary: {on: [logits]}, adversary: {on: [logits], loss: hinge}' | two of its objectives are 'adversary:logits'",
        "'cross-entropy, adversary: {on: [logits], discriminator: {condition: pair}}' | and views is 1; take views: 2",
        "'cross-entropy, adversary: {on: [stage:7]}' | the teacher has no layer 'stage:7'",
        "'hinton, adversary: {on: [weights]}' | its parameters are not at hand"
      })
  void whatCannotBeHadIsSaid(String objectives, String sentence) {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> build(objectives, 1))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("method 'made' cannot distil into resnet8: ")
          .hasMessageContaining(sentence);
    }
  }

  @Test
  void aFixedWeightNeedsNoOtherObjectiveAndASecondViewNoNumberOfViews() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      String alone =
          "adversary: {on: [logits], weight: {fixed: 1, start: 0}, discriminator: {condition:"
              + " pair}}";
      assertThat(build(alone, null)).hasSize(1);
      assertThat(build(alone, 2)).hasSize(1);
    }
  }
}
