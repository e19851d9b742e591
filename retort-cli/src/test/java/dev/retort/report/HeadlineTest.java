package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects: the sentence that most readers read says no more than there is. */
@NullUnmarked
class HeadlineTest {
  @TempDir private Path folder;

  @BeforeEach
  void make() throws IOException {
    SyntheticStudy.demo(folder);
  }

  private Path run(String method, int seed) {
    return folder.resolve("runs/resnet8-%s-seed%d".formatted(method, seed));
  }

  private void setTestAccuracy(String method, int seed, double accuracy) throws IOException {
    SyntheticStudy.setTestAccuracy(folder, run(method, seed).getFileName().toString(), accuracy);
  }

  private String sentence() {
    List<String> sentences = Headline.of(SyntheticStudy.read(folder));
    assertThat(sentences).hasSize(1);
    return sentences.get(0);
  }

  /** Its first seed may be an easy one. */
  @Test
  void aMethodWithSeedsToBeDoneIsNotTheBest() throws IOException {
    Files.delete(run("adversarial-hinton", 1).resolve("result.json"));
    Files.delete(run("adversarial-hinton", 2).resolve("result.json"));
    assertThat(sentence())
        .startsWith("Trained by hinton, resnet8 reaches 62.50 %")
        .contains("the highest mean of 3 methods (1 of 4 not done)");
  }

  @Test
  void whereNoMethodIsDoneTheBestIsSoFar() throws IOException {
    for (SyntheticStudy.Method method : SyntheticStudy.DEMO) {
      Files.delete(run(method.name(), 3).resolve("result.json"));
    }
    assertThat(sentence()).contains("the highest mean so far of 4 methods (4 of 4 not done)");
  }

  @Test
  void aMethodThatAlwaysDivergedIsNamedInSentenceAndFigures() throws IOException {
    for (int seed = 1; seed <= 3; seed++) {
      SyntheticStudy.diverge(folder, "resnet8-adversarial-seed" + seed);
    }
    assertThat(sentence()).contains("of 3 methods (1 of 4 diverged in every run)");
    String note = " Diverged, and left out: adversarial 3.";
    assertThat(FigureSet.of(SyntheticStudy.read(folder)))
        .filteredOn(
            figure ->
                figure.name().equals("test-accuracy") || figure.name().startsWith("validation"))
        .isNotEmpty()
        .allSatisfy(figure -> assertThat(figure.caption()).contains(note));
  }

  @Test
  void equalMeansAreSharedAndWithoutSpreadThereIsNoInterval() throws IOException {
    for (int seed = 1; seed <= 3; seed++) {
      setTestAccuracy("hinton", seed, 0.9);
      setTestAccuracy("adversarial", seed, 0.9);
    }
    assertThat(sentence())
        .contains(
            "the highest mean of 4 methods, shared with 1 of them",
            "+0.00 points against the next, adversarial (all 3 pairs alike: no interval)");
  }

  @Test
  void onePairHasNoInterval() throws IOException {
    for (SyntheticStudy.Method method : SyntheticStudy.DEMO) {
      Files.delete(run(method.name(), 2).resolve("result.json"));
      Files.delete(run(method.name(), 3).resolve("result.json"));
    }
    assertThat(sentence()).contains("(one seed)", "(one pair: no interval)");
  }

  /** The demo compares the sum with hinton, and not with the adversary. */
  @Test
  void theNextHasTheAdjustedProbabilityOfTheTableOrIsNoRegisteredPair() throws IOException {
    setTestAccuracy("hinton", 1, 0.6149);
    assertThat(sentence()).contains("the next, hinton (95 % interval +1.49 to +1.52, adjusted p ");
    double[] accuracies = {0.6249, 0.635, 0.645};
    for (int seed = 1; seed <= 3; seed++) {
      setTestAccuracy("adversarial", seed, accuracies[seed - 1]);
    }
    assertThat(sentence())
        .contains("the next, adversarial (95 % interval ", ": not a registered comparison)");
  }

  /** 49 times what a processor drew, at least 10 seconds and at most two minutes. */
  @Test
  void thePageWaitsByTheProcessorsTime() {
    LivePage.Pace pace = LivePage.Pace.USUAL;
    assertThat(pace.after(100_000_000L)).isEqualTo(10_000_000_000L);
    assertThat(pace.after(1_000_000_000L)).isEqualTo(49_000_000_000L);
    assertThat(pace.after(20_000_000_000L)).isEqualTo(120_000_000_000L);
  }
}
