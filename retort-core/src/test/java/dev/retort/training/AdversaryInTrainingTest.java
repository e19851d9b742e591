package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.retort.adversary.AdversarySettings;
import dev.retort.adversary.GanLoss;
import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.CrossEntropy;
import dev.retort.distill.LayerPair;
import dev.retort.distill.Meter;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.Opponent;
import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.network.State;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.NoiseImages;
import dev.retort.teacher.Teacher;
import dev.retort.training.TrainingListener.EpochResult;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class AdversaryInTrainingTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final int EMBEDDING = 24;

  /** Answers with a fixed linear map of the pixels. */
  private static class LinearTeacher implements Teacher {
    private final Tensor map =
        RandomSource.of(5, "teacher")
            .normal(ScalarType.Float, NoiseImages.SHAPE.values(), EMBEDDING);

    @Override
    public String name() {
      return "linear";
    }

    @Override
    public String digest() {
      return "none";
    }

    @Override
    public Map<String, long[]> shapes() {
      return Map.of("logits", new long[] {CLASSES.size()}, "embedding", new long[] {EMBEDDING});
    }

    @Override
    public Activations activations(Batch batch, Set<String> taps) {
      Tensor embedding = batch.images().flatten(1, -1).matmul(map);
      return new Activations(
          embedding.narrow(1, 0, CLASSES.size()), Map.of("embedding", embedding));
    }
  }

  /** What a teacher was asked about: how the images were varied, and which pixels each had. */
  private record Asked(Augmentation augmentation, long view, Map<Integer, FloatBuffer> images) {
    static Asked about(Batch batch) {
      float[] pixels = Tensors.toFloats(batch.images());
      int values = NoiseImages.SHAPE.values();
      Map<Integer, FloatBuffer> images = new LinkedHashMap<>();
      for (int i = 0; i < batch.size(); i++) {
        images.put(batch.samples()[i], FloatBuffer.wrap(pixels, i * values, values).slice());
      }
      return new Asked(batch.source().augmentation(), batch.view(), images);
    }
  }

  private static Pairing pairing(Network student, Teacher teacher) {
    return new Pairing(
        teacher.shapes(),
        NetworkSummary.of(student).shapes(),
        CLASSES.size(),
        24,
        ScalarType.Float,
        RandomSource.of(1, "objectives"));
  }

  /** The student's state after two epochs, or what the objectives learn beside it. */
  private static Map<String, double[]> trained(AdversarySettings adversary, boolean connectors) {
    try (TensorScope scope = TensorScope.open()) {
      Network student = student();
      Teacher teacher = new LinearTeacher();
      Pairing pairing = pairing(student, teacher);
      List<Objective> objectives = new ArrayList<>(List.of(new CrossEntropy(1, 0)));
      if (adversary != null) {
        objectives.addAll(adversary.build(pairing));
      }
      train(student, teacher, objectives, Augmentation.NONE);
      List<State> states =
          connectors
              ? objectives.stream().map(Objective::state).filter(Objects::nonNull).toList()
              : List.of(student.state());
      Map<String, double[]> values = new LinkedHashMap<>();
      for (State state : states) {
        state.all().forEach((name, value) -> values.put(name, Tensors.toDoubles(value)));
      }
      return values;
    }
  }

  private static void train(
      Network student,
      Teacher teacher,
      List<Objective> objectives,
      Augmentation augmentation,
      TrainingListener... listeners) {
    train(student, teacher, objectives, new BatchPlan(8, augmentation, 1), listeners);
  }

  private static void train(
      Network student,
      Teacher teacher,
      List<Objective> objectives,
      BatchPlan plan,
      TrainingListener... listeners) {
    TrainingSettings settings =
        new TrainingSettings(
            2,
            0.1,
            new Schedule.Constant(0),
            Sgd.Settings.STANDARD,
            new WeightAverage.None(),
            Precision.FP32);
    new Trainer(
            new TrainingTask(
                student,
                teacher,
                objectives,
                NoiseImages.splits(CLASSES, 8),
                plan,
                settings,
                Device.CPU),
            List.of(listeners))
        .train(Checkpoints.none());
  }

  private static Network student() {
    return Networks.create(
        "resnet8",
        NoiseImages.SHAPE,
        CLASSES.size(),
        ScalarType.Float,
        RandomSource.of(1, "initial"));
  }

  /** What two epochs of a new student come to. */
  private static List<EpochResult> epochs(
      Teacher teacher, Augmentation augmentation, Objective... objectives) {
    List<EpochResult> epochs = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void afterEpoch(EpochResult result) {
            epochs.add(result);
          }
        };
    train(student(), teacher, List.of(objectives), augmentation, listener);
    return epochs;
  }

  /** Its θ is the number of batches that it learned from, which the student's term is, too. */
  private static class Counting implements Objective, Opponent {
    private final String label;
    private final Tensor theta = Tensors.of(new float[] {0}, 1);

    Counting(String label) {
      this.label = label;
    }

    @Override
    public String name() {
      return "counting " + label;
    }

    @Override
    public String label() {
      return label;
    }

    @Override
    public Opponent opponent() {
      return this;
    }

    @Override
    public void learn(Step step) {
      try (NoGrad noGrad = NoGrad.open()) {
        theta.add_(new Scalar(1.0));
      }
    }

    @Override
    public Tensor loss(Step step) {
      return theta.sum().add(Tensors.scaled(step.student().logits().sum(), 0));
    }

    @Override
    public Meter meter() {
      int[] images = new int[1];
      return new Meter() {
        @Override
        public void measure(Step heldOut) {
          images[0] += heldOut.batch().size();
          assertThat(heldOut.teacher().get("embedding").size(0)).isEqualTo(images[0]);
        }

        @Override
        public void takeInOthers(Collective ranks) {}

        @Override
        public Map<String, Double> figures() {
          return Map.of("images", (double) images[0], "theta", Tensors.toDouble(theta));
        }

        @Override
        public List<String> alarms() {
          return List.of("counted to " + figures().get("theta"));
        }
      };
    }

    @Override
    public Set<String> teacherTaps() {
      return Set.of("embedding");
    }

    @Override
    public Map<String, Tensor> checkpointed() {
      return Map.of("theta", theta);
    }
  }

  /**
   * In an epoch of three steps the term is 1, 2 and 3, in the next one 4, 5 and 6: the opponent
   * learns before the term is computed.
   */
  @Test
  void anOpponentLearnsFirstAndIsMeasuredOnTheValidationImages() {
    try (TensorScope scope = TensorScope.open()) {
      List<EpochResult> epochs =
          epochs(new LinearTeacher(), Augmentation.NONE, new Counting("steps"));

      assertThat(epochs)
          .extracting(epoch -> epoch.objectives().get("counting steps"), EpochResult::alarms)
          .containsExactly(
              tuple(2.0, List.of("counted to 3.0")), tuple(5.0, List.of("counted to 6.0")));
      assertThat(epochs.get(1).opponents().get("steps").figures())
          .containsExactlyInAnyOrderEntriesOf(Map.of("images", 16.0, "theta", 6.0));
    }
  }

  @Test
  void aTeacherOfWhichNothingIsReadIsNotAsked() {
    try (TensorScope scope = TensorScope.open()) {
      Teacher silent =
          new LinearTeacher() {
            @Override
            public Activations activations(Batch batch, Set<String> taps) {
              throw new AssertionError("it was asked");
            }
          };
      assertThat(epochs(silent, Augmentation.STANDARD, new CrossEntropy(1, 0))).hasSize(2);
    }
  }

  /** What an objective draws at each of the six steps. */
  private static List<Long> drawn(long seed) {
    List<Long> drawn = new ArrayList<>();
    Objective drawing =
        new Objective() {
          @Override
          public String name() {
            return "drawing";
          }

          @Override
          public Tensor loss(Step step) {
            drawn.add(step.random().at("purpose").random().nextLong());
            return step.student().logits().mean();
          }
        };
    try (TensorScope scope = TensorScope.open()) {
      BatchPlan plan = new BatchPlan(8, Augmentation.NONE, 0, seed, 7, 0, 1);
      train(student(), new LinearTeacher(), List.of(drawing), plan);
    }
    return drawn;
  }

  @Test
  void eachStepOfEachSeedHasRandomNumbersOfItsOwn() {
    Set<Long> different = new HashSet<>();
    for (long seed : new long[] {1, 2}) {
      RandomSource steps = RandomSource.of(seed, "step");
      List<Long> expected =
          LongStream.range(0, 6)
              .mapToObj(number -> steps.at(number).at("purpose").random().nextLong())
              .toList();
      assertThat(drawn(seed)).isEqualTo(expected);
      different.addAll(expected);
    }
    assertThat(different).hasSize(12);
  }

  /** Views are recorded of training images alone; an observer needs none. */
  @Test
  void anOpponentIsMeasuredThoughTheTeacherCannotServeAnother() {
    try (TensorScope scope = TensorScope.open()) {
      Objective pair =
          new Counting("pair") {
            @Override
            public boolean readsSecondView() {
              return true;
            }
          };
      Teacher teacher =
          new LinearTeacher() {
            @Override
            public boolean knows(Dataset images, Augmentation augmentation) {
              return !augmentation.varies();
            }
          };
      List<EpochResult> epochs =
          epochs(teacher, Augmentation.STANDARD, new Counting("steps"), pair);

      assertThat(epochs.get(1).opponents().get("steps").figures()).containsEntry("images", 16.0);
      assertThat(epochs.get(1).opponents().get("pair").figures())
          .containsExactlyInAnyOrderEntriesOf(Map.of("images", 0.0, "theta", 6.0));
    }
  }

  /**
   * An epoch asks about two views of each of three batches, and of the 16 validation images as they
   * are and varied. All 24 training images are in the three batches.
   */
  @Test
  void theSecondViewIsTheNextEpochsOfTheSameImagesAndAtValidationAlwaysOneOfItsOwn() {
    try (TensorScope scope = TensorScope.open()) {
      List<Asked> asked = new ArrayList<>();
      Teacher teacher =
          new LinearTeacher() {
            @Override
            public Activations activations(Batch batch, Set<String> taps) {
              asked.add(Asked.about(batch));
              return super.activations(batch, taps);
            }
          };
      Objective pair =
          new Counting("pair") {
            @Override
            public boolean readsSecondView() {
              return true;
            }
          };
      BatchPlan ofTwoViews = new BatchPlan(8, Augmentation.STANDARD, 2, 1, 1, 0, 1);
      train(student(), teacher, List.of(pair), ofTwoViews);

      assertThat(asked)
          .extracting(Asked::view)
          .containsExactly(0L, 1L, 0L, 1L, 0L, 1L, 0L, 0L, 1L, 0L, 1L, 0L, 1L, 0L, 0L, 0L);
      for (int i = 0; i < asked.size(); i += 2) {
        Map<Integer, FloatBuffer> first = asked.get(i).images();
        Map<Integer, FloatBuffer> second = asked.get(i + 1).images();
        assertThat(List.copyOf(second.keySet())).isEqualTo(List.copyOf(first.keySet()));
        assertThat(second).isNotEqualTo(first);
      }
      assertThat(images(asked, 1, 3, 5)).hasSize(24).isEqualTo(images(asked, 8, 10, 12));
      assertThat(images(asked, 9, 11, 13)).hasSize(24).isEqualTo(images(asked, 0, 2, 4));
      assertThat(asked.get(6).augmentation()).isEqualTo(Augmentation.NONE);
      assertThat(asked.get(7).augmentation()).isEqualTo(Augmentation.STANDARD);
      assertThat(asked.subList(14, 16)).isEqualTo(asked.subList(6, 8));
    }
  }

  private static Map<Integer, FloatBuffer> images(List<Asked> asked, int... batches) {
    Map<Integer, FloatBuffer> images = new LinkedHashMap<>();
    for (int batch : batches) {
      images.putAll(asked.get(batch).images());
    }
    return images;
  }

  @Test
  void whatAnOpponentNeedsIsInItsObjectivesPartOfACheckpoint() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(against(new Counting("steps")).checkpointed()).containsOnlyKeys("theta");
    }
  }

  private static Objective against(Counting opponent) {
    return new Objective() {
      @Override
      public String name() {
        return "other";
      }

      @Override
      public Opponent opponent() {
        return opponent;
      }

      @Override
      public Tensor loss(Step step) {
        return opponent.loss(step);
      }
    };
  }

  @Test
  void twoOpponentsOfOneLabelAreRefused() {
    try (TensorScope scope = TensorScope.open()) {
      Counting counting = new Counting("steps");
      assertThatThrownBy(() -> TrainingTask.requireLoss(List.of(counting, against(counting))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "two of its opponents are 'steps': metrics could not tell them apart; leave one out");
    }
  }

  /** Rows of CRD's memories are unit vectors from the step on that has shown their image. */
  @Test
  void whatAnObjectiveRemembersTakesInEachStepOnceItsGradientIsTaken() {
    try (TensorScope scope = TensorScope.open()) {
      Network student = student();
      Teacher teacher = new LinearTeacher();
      Pairing pairing = pairing(student, teacher);
      List<Objective> objectives =
          ObjectiveCatalog.withoutAdversaries().byName().get("crd").defaults().build(pairing);
      State state = Objects.requireNonNull(objectives.get(0).state());
      assertThat(lengths(state)).allMatch(length -> Math.abs(length - 1) > 1e-6);
      train(student, teacher, objectives, Augmentation.NONE);
      assertThat(lengths(state)).hasSize(24).allMatch(length -> Math.abs(length - 1) < 1e-6);
    }
  }

  private static List<Double> lengths(State state) {
    double[] lengths = Tensors.toDoubles(Tensors.norms(state.get("teacher.memory"), 1));
    return Arrays.stream(lengths).boxed().toList();
  }

  private static AdversarySettings onLogitsAndEmbedding(AdversarySettings.Weight weight) {
    return AdversarySettings.of(
        List.of(LayerPair.of("logits"), LayerPair.of("embedding")), GanLoss.TALK, 1, weight);
  }

  @Test
  void anAdversaryOfWeightZeroLeavesTheStudentBitIdentical() {
    AdversarySettings.Weight zero = AdversarySettings.Weight.fixed(0);
    assertThat(trained(onLogitsAndEmbedding(zero), false))
        .usingRecursiveComparison()
        .isEqualTo(trained(null, false));
  }

  /** The last of the six steps lies at 11/12 of the training. */
  @Test
  void anAdversaryAndItsConnectorTakePartOnceTheRampBeginsAndNotBefore() {
    AdversarySettings late = onLogitsAndEmbedding(ratioFrom(0.4, 0.6, 0.9));
    AdversarySettings never = onLogitsAndEmbedding(ratioFrom(0.95, 0.97, 1));
    assertThat(trained(never, false)).usingRecursiveComparison().isEqualTo(trained(null, false));
    assertThat(trained(late, false).get("conv1.weight"))
        .isNotEqualTo(trained(null, false).get("conv1.weight"));
    // Where the term never counts, decay alone changes the connector.
    Map<String, double[]> connector = trained(never, true);
    assertThat(connector).isNotEmpty();
    assertThat(trained(late, true))
        .hasSameSizeAs(connector)
        .allSatisfy((name, values) -> assertThat(values).isNotEqualTo(connector.get(name)));
  }

  private static AdversarySettings.Weight ratioFrom(double start, double full, double decay) {
    return new AdversarySettings.Weight(null, 0.3, null, start, full, decay);
  }

  @Test
  void aRatioToNothingIsRefusedBeforeTheFirstStep() {
    try (TensorScope scope = TensorScope.open()) {
      Network student = student();
      Teacher teacher = new LinearTeacher();
      Pairing pairing = pairing(student, teacher);
      AdversarySettings settings =
          AdversarySettings.of(
              List.of(LayerPair.of("logits")), GanLoss.TALK, 1, AdversarySettings.Weight.DEFAULTS);
      assertThatThrownBy(() -> train(student, teacher, settings.build(pairing), Augmentation.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "adversary:logits has a weight relative to the rest of the loss, which is all terms"
                  + " but adversaries, and none of them has a weight; add one"
                  + " (cross-entropy), or give it weight: {fixed: 1, start: 0}");
    }
  }
}
