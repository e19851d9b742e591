package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.adversary.AdversarySettings;
import dev.retort.adversary.GanLoss;
import dev.retort.distill.LayerPair;
import dev.retort.distill.LogitLoss;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A default stands in its kind's instance alone: all that reads or shows it follows. */
class ObjectiveDefaultsTest {
  /** A term whose {@code margin} is by default what the test says. */
  record Hinge(double margin, @Nullable Integer classes, double weight, double crossEntropy)
      implements LogitLoss {
    @Override
    public String name() {
      return "hinge";
    }

    @Override
    public Tensor loss(Tensor student, Tensor teacher) {
      return student.sub(teacher).mean();
    }
  }

  private static ObjectiveCatalog with(double margin) {
    return MethodPresets.objectives()
        .with(new ObjectiveKind("hinge", new Hinge(margin, null, 2, 0), "a margin", "none"));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.25, 3})
  void readingResolvedSchemaAndListFollow(double margin, @TempDir Path folder) throws IOException {
    ObjectiveCatalog catalog = with(margin);
    ConfigurationReader reader = new ConfigurationReader(catalog);
    Path file =
        Files.writeString(
            folder.resolve("study.yaml"),
            """
            data: cifar10-mini
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 1}
            methods: [hinge, {name: heavy, objectives: [{hinge: {weight: 5, margin: }}]}]
            """);

    ConfigurationFile<StudyConfiguration> read = reader.readStudy(file, List.of());

    assertThat(read.configuration().methods())
        .containsExactly(
            new MethodConfiguration("hinge", List.of(new Hinge(margin, null, 2, 0))),
            new MethodConfiguration("heavy", List.of(new Hinge(margin, null, 5, 0))));
    assertThat(read.resolved())
        .containsSubsequence(
            "name: hinge", "margin: " + margin, "classes: null", "weight: 2.0", "crossEntropy: 0.0")
        .containsSubsequence("name: heavy", "margin: " + margin, "weight: 5.0");
    JsonNode schema =
        ConfigurationSchema.ofStudy(catalog)
            .at("/$defs/ObjectiveSettings/anyOf/1/properties/hinge/properties");
    assertThat(schema.at("/margin/default").doubleValue()).isEqualTo(margin);
    assertThat(schema.get("classes")).hasToString("{\"type\":[\"integer\",\"null\"]}");
    ObjectiveKind kind = Objects.requireNonNull(catalog.byName().get("hinge"));
    assertThat(reader.defaults(kind))
        .containsEntry("margin", margin)
        .containsEntry("classes", null)
        .containsEntry("weight", 2.0);
  }

  /** What is said of a part of a term leaves the rest of that part as the kind has it. */
  @Test
  void aPartThatIsGivenHasTheKindsOtherValues() {
    AdversarySettings.Weight late = new AdversarySettings.Weight(null, 0.1, null, 0.5, 0.6, 0.9);
    ObjectiveKind kind =
        new ObjectiveKind(
            "late",
            AdversarySettings.of(List.of(LayerPair.of("logits")), GanLoss.HINGE, 3, late),
            "an adversary that comes late",
            "none");
    ConfigurationReader reader = new ConfigurationReader(MethodPresets.objectives().with(kind));

    AdversarySettings read =
        (AdversarySettings)
            reader
                .method("{name: any, objectives: [late: {weight: {fixed: 2, full: 0.7}}]}")
                .objectives()
                .get(0);

    assertThat(read.weight())
        .isEqualTo(new AdversarySettings.Weight(2.0, null, null, 0.5, 0.7, 0.9));
    assertThat(read.steps()).isEqualTo(3);
    assertThat(read.loss()).isEqualTo(GanLoss.HINGE);
  }
}
