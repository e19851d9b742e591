package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Augmentation;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.Meter;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Opponent;
import dev.retort.distill.Pairing;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.NoiseImages;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.training.Checkpoints;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingListener.EpochResult;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.training.WeightAverage;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every method with a discriminator, from its name in a configuration to the end of a training. */
@NullUnmarked
class AdversarialPresetsTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final ScalarType TYPE = ScalarType.Float;

  /** Those that ask for four times the gradient of the rest; the others ask for 1 at most. */
  private static final List<String> STRONG = List.of("adversarial-pair", "shuffled-teacher");

  /** The methods, and what their discriminators judge. */
  private static final String METHODS =
      """
      adversarial             | logits, embedding
      adversarial-hinton      | logits, embedding
      adversarial-pair        | logits
      adversarial-pair-hinton | logits
      adversarial-label       | logits
      adversarial-map         | stage:3
      adversarial-weights     | weights
      random-discriminator    | logits, embedding
      noise-discriminator     | logits, embedding
      shuffled-teacher        | logits
      cooperative-critic      | ''
      """;

  private static List<ObjectiveSettings> objectives(String preset) {
    return ConfigurationReader.standard().method(preset).objectives();
  }

  /** A preset cannot extend another one, so that they are written out, side by side. */
  @Test
  void aControlDiffersFromItsMethodInNothingElse() {
    assertThat(objectives("shuffled-teacher"))
        .isEqualTo(changed("adversarial-pair", "control: shuffled-teacher"));
    assertThat(objectives("random-discriminator")).isEqualTo(changed("adversarial", "steps: 0"));
    assertThat(objectives("noise-discriminator"))
        .isEqualTo(changed("adversarial", "control: noise-discriminator"));
    assertThat(objectives("adversarial-pair-hinton").get(1))
        .isEqualTo(changed("adversarial-pair", "weight: {gradientRatio: 0.3}").get(1));
  }

  private static List<ObjectiveSettings> changed(String preset, String adversary) {
    return objectives(
        "{name: changed, extends: %s, objectives: [{adversary: {%s}}]}"
            .formatted(preset, adversary));
  }

  private static Network network(String name) {
    return Networks.create(name, NoiseImages.SHAPE, CLASSES.size(), TYPE, RandomSource.of(1, name));
  }

  /** A preset that is added would not be missed. */
  @Test
  void everyPresetWithATermOfAdversariesIsAmongThem() {
    Set<String> others = ObjectiveCatalog.withoutAdversaries().byName().keySet();
    assertThat(MethodPresets.all(MethodPresets.objectives()))
        .filteredOn(preset -> !others.containsAll(preset.objectives()))
        .extracting(MethodPresets.Preset::name)
        .containsExactlyInAnyOrderElementsOf(
            METHODS.lines().map(row -> row.split(" ", 2)[0]).toList());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = METHODS)
  void trainsAStudentAndIsMeasuredOnValidationImages(String preset, String labels) {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = NoiseImages.splits(CLASSES, 8, 8);
      ModelInfo info = new ModelInfo(CLASSES, data.statistics(), Map.of());
      Teacher teacher =
          new NetworkTeacher(
              new LoadedModel(network("wrn_16_2"), info),
              data.statistics(),
              Precision.FP32,
              Device.CPU);
      Network student = network("resnet8");
      Pairing pairing =
          new Pairing(
              teacher.shapes(),
              NetworkSummary.of(student).shapes(),
              CLASSES.size(),
              data.train().size(),
              TYPE,
              RandomSource.of(1, "objectives"),
              teacher.state(),
              student.state());
      List<Objective> objectives = new ArrayList<>();
      objectives(preset).forEach(settings -> objectives.addAll(settings.build(pairing)));
      Map<String, double[]> before = thetas(objectives);
      double[] kernel = kernel(student);

      List<EpochResult> results = train(student, teacher, objectives, data);

      Map<String, Meter> opponents = results.get(0).opponents();
      assertThat(opponents.keySet())
          .containsExactlyInAnyOrder(labels.isEmpty() ? new String[0] : labels.split(", "));
      opponents
          .values()
          .forEach(
              each -> {
                Map<String, Double> figures = each.figures();
                assertThat(figures.get("logitDifference")).isFinite();
                if (preset.equals("adversarial-weights")) {
                  // Measured at every sixteenth step, of which there is none behind its start.
                  assertThat(figures.get("gradientRatio")).isNaN();
                } else {
                  assertThat(figures.get("gradientRatio"))
                      .as("gradient ratio")
                      .isBetween(0.0, STRONG.contains(preset) ? 4.001 : 1.001);
                }
              });
      student
          .state()
          .parameters()
          .forEach(
              (name, value) -> assertThat(Tensors.toDoubles(value)).doesNotContain(Double.NaN));
      assertThat(kernel(student)).isNotEqualTo(kernel);
      thetas(objectives)
          .forEach(
              (name, theta) -> {
                boolean learnt = !Arrays.equals(theta, before.get(name));
                assertThat(learnt).as(name).isEqualTo(!preset.equals("random-discriminator"));
              });
    }
  }

  private static double[] kernel(Network student) {
    return Tensors.toDoubles(student.state().get("conv1.weight"));
  }

  private static Map<String, double[]> thetas(List<Objective> objectives) {
    Map<String, double[]> thetas = new java.util.TreeMap<>();
    for (Objective objective : objectives) {
      Opponent opponent = objective.opponent();
      if (opponent != null) {
        thetas.put(
            opponent.label(),
            Tensors.toDoubles(opponent.checkpointed().get("discriminator.head.weight")));
      }
    }
    return thetas;
  }

  private static List<EpochResult> train(
      Network student, Teacher teacher, List<Objective> objectives, Splits data) {
    List<EpochResult> results = new ArrayList<>();
    TrainingSettings settings =
        new TrainingSettings(
            1,
            0.05,
            new Schedule.Constant(0),
            Sgd.Settings.STANDARD,
            new WeightAverage.None(),
            Precision.FP32);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void afterEpoch(EpochResult result) {
            results.add(result);
          }
        };
    new Trainer(
            new TrainingTask(
                student,
                teacher,
                objectives,
                data,
                new BatchPlan(4, Augmentation.STANDARD, 1),
                settings,
                Device.CPU),
            List.of(listener))
        .train(Checkpoints.none());
    return results;
  }
}
