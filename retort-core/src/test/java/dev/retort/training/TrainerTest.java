package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Augmentation;
import dev.retort.data.ImageShape;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.LocalRanks;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.BatchNormalization;
import dev.retort.network.ForwardPass;
import dev.retort.network.MadeNetwork;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.network.State;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.NoiseImages;
import dev.retort.training.TrainingListener.EpochResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training of two epochs of three steps whose student has one weight, from 1, and whose loss has
 * the slope 2 in it at every step. Steps are of 0.1 times the schedule's factor in the middle of
 * each sixth of the training: of a cycle that has its peak after a fifth, 5/12, 15/16, 35/48,
 * 25/48, 15/48 and 5/48. So the weight goes down by 0.2 times these.
 */
@NullUnmarked
class TrainerTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final double[] FACTORS = {
    5 / 12.0, 15 / 16.0, 35 / 48.0, 25 / 48.0, 15 / 48.0, 5 / 48.0
  };

  /**
   * Logits that are its weight, whatever the images; remembers it where it is evaluated. A step
   * takes it a second, and the evaluation a hundred.
   */
  private static final class OneWeight extends MadeNetwork {
    private final Tensor weight = state().constant("weight", 1, 1);
    private final List<Double> evaluated = new ArrayList<>();
    private long nanoseconds;

    OneWeight() {
      super(
          "one weight",
          NoiseImages.SHAPE,
          CLASSES.size(),
          new State(ScalarType.Double, RandomSource.of(1, "one weight")));
    }

    @Override
    public Tensor forward(Tensor images, ForwardPass pass) {
      if (images.size(0) > 1) { // with one blank image it is only asked what it computes
        nanoseconds += (pass.isTraining() ? 1 : 100) * 1_000_000_000L;
        if (!pass.isTraining()) {
          evaluated.add(Tensors.toDouble(weight));
        }
      }
      return weight.expand(new long[] {images.size(0), classes()});
    }
  }

  private record Slope(double slope) implements Objective {
    @Override
    public String name() {
      return "slope";
    }

    @Override
    public Tensor loss(Step step) {
      return step.student().logits().mean().mul(new Scalar(slope));
    }
  }

  /**
   * What a training came to.
   *
   * @param evaluated the weight that the validation images were classified with, epoch by epoch
   * @param afterSteps the weight after each step
   */
  private record Trained(
      double weight, List<Double> evaluated, List<Double> afterSteps, List<EpochResult> epochs) {}

  private static Trained trained(WeightAverage.Settings averaging) {
    return trained(averaging, Checkpoints.none(), step -> {});
  }

  private static Trained trained(
      WeightAverage.Settings averaging, Checkpoints checkpoints, LongConsumer afterStep) {
    try (TensorScope scope = TensorScope.open()) {
      OneWeight student = new OneWeight();
      List<Double> afterSteps = new ArrayList<>();
      List<EpochResult> epochs = new ArrayList<>();
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void afterStep(long step, int epoch) {
              afterSteps.add(Tensors.toDouble(student.weight));
              afterStep.accept(step);
            }

            @Override
            public void afterEpoch(EpochResult result) {
              epochs.add(result);
            }
          };
      TrainingSettings settings = settings(2, averaging);
      new Trainer(task(student, 8, settings, SingleProcess.INSTANCE), List.of(listener))
          .train(checkpoints, new TrainingClock(() -> student.nanoseconds));
      return new Trained(
          Tensors.toDouble(student.weight), student.evaluated, afterSteps, List.copyOf(epochs));
    }
  }

  private static TrainingSettings settings(int epochs, WeightAverage.Settings averaging) {
    return new TrainingSettings(
        epochs,
        0.1,
        Schedule.OneCycle.STANDARD,
        new Sgd.Settings(0, false, 0, false, false, 1),
        averaging,
        Precision.FP64);
  }

  private static TrainingTask task(
      Network student, int batchSize, TrainingSettings settings, Collective ranks) {
    return new TrainingTask(
        student,
        null,
        List.of(new Slope(2)),
        NoiseImages.splits(CLASSES, 8),
        new BatchPlan(batchSize, Augmentation.NONE, 0, 1, 1, ranks.rank(), ranks.ranks()),
        settings,
        Device.CPU,
        ranks);
  }

  @Test
  void dataOfOtherImagesThanTheStudentsAreRefused() {
    try (TensorScope scope = TensorScope.open()) {
      Network larger =
          Networks.create(
              "resnet8", ImageShape.CIFAR, 3, ScalarType.Float, RandomSource.of(1, "larger"));
      TrainingSettings settings = settings(2, new WeightAverage.None());
      assertThatThrownBy(() -> task(larger, 8, settings, SingleProcess.INSTANCE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the student reads images of %s in 3 classes, and the data have %s in 3",
              ImageShape.CIFAR, NoiseImages.SHAPE);
    }
  }

  private static double after(int steps) {
    double weight = 1;
    for (int i = 0; i < steps; i++) {
      weight -= 0.2 * FACTORS[i];
    }
    return weight;
  }

  private static double meanAfterTheFirst(int steps) {
    double sum = 0;
    for (int i = 1; i <= steps; i++) {
      sum += after(i);
    }
    return sum / steps;
  }

  @Test
  void eachStepFollowsTheGradientByTheSchedulesRateInItsMiddle() {
    Trained trained = trained(new WeightAverage.None());
    for (int i = 0; i < 6; i++) {
      assertThat(trained.afterSteps().get(i)).isCloseTo(after(i + 1), within(1e-12));
    }
    assertThat(trained.weight()).isCloseTo(after(6), within(1e-12));
    assertThat(trained.epochs().get(0).learningRate()).isCloseTo(3.5 / 48, within(1e-12));
    assertThat(trained.epochs().get(1).learningRate()).isCloseTo(0.5 / 48, within(1e-12));
    // The loss is twice the weight before each step.
    double first = 2 * (after(0) + after(1) + after(2)) / 3;
    double second = 2 * (after(3) + after(4) + after(5)) / 3;
    assertThat(trained.epochs().get(0).trainLoss()).isCloseTo(first, within(1e-12));
    assertThat(trained.epochs().get(1).trainLoss()).isCloseTo(second, within(1e-12));
  }

  @Test
  void anAverageIsWhatIsEvaluatedAndLeftAndTheTrainingGoesOnFromTheWeights() {
    Trained trained = trained(new WeightAverage.Tail(1, 0));
    for (int i = 0; i < 6; i++) {
      assertThat(trained.afterSteps().get(i)).isCloseTo(after(i + 1), within(1e-12));
    }
    assertThat(trained.evaluated()).hasSize(2);
    assertThat(trained.evaluated().get(0)).isCloseTo(meanAfterTheFirst(3), within(1e-12));
    assertThat(trained.evaluated().get(1)).isCloseTo(meanAfterTheFirst(6), within(1e-12));
    assertThat(trained.weight()).isCloseTo(meanAfterTheFirst(6), within(1e-12));
  }

  @Test
  void anEpochIsSaidToTakeWhatItsStepsTookWithoutItsEvaluation() {
    assertThat(trained(new WeightAverage.None()).epochs())
        .extracting(
            EpochResult::epoch,
            EpochResult::step,
            EpochResult::images,
            EpochResult::epochSeconds,
            EpochResult::seconds)
        .containsExactly(tuple(1, 3L, 24, 3.0, 3.0), tuple(2, 6L, 24, 3.0, 6.0));
  }

  @Test
  void aTrainingThatGoesOnCountsTheSecondsBeforeItsInterruption(@TempDir Path folder) {
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    StopRequest stop = new StopRequest();
    assertThatThrownBy(
            () ->
                trained(
                    new WeightAverage.None(),
                    Checkpoints.in(checkpoints, CheckpointInterval.EPOCHS, stop),
                    step -> {
                      if (step == 3) {
                        stop.request();
                      }
                    }))
        .isInstanceOf(StoppedException.class);

    Trained rest =
        trained(
            new WeightAverage.None(),
            Checkpoints.in(checkpoints, CheckpointInterval.EPOCHS, new StopRequest()),
            step -> {});
    assertThat(rest.afterSteps()).hasSize(2);
    assertThat(rest.epochs())
        .extracting(EpochResult::epochSeconds, EpochResult::seconds)
        .containsExactly(tuple(3.0, 6.0));
  }

  /** Normalises the images' channels, of which there is one for each class. */
  private static final class NormalizesChannels extends MadeNetwork {
    private final BatchNormalization normalization =
        new BatchNormalization(state(), "norm", NoiseImages.SHAPE.channels());
    private double[] seen = {};

    NormalizesChannels() {
      super(
          "normalises",
          NoiseImages.SHAPE,
          NoiseImages.SHAPE.channels(),
          new State(ScalarType.Double, RandomSource.of(1, "normalises")));
    }

    @Override
    public Tensor forward(Tensor images, ForwardPass pass) {
      if (pass.isTraining()) {
        seen = Tensors.toDoubles(images.contiguous());
      }
      return normalization.forward(images, pass).mean(2, 3);
    }

    /** The mean, and the variance without bias, of the pixels of a channel in the only step. */
    private double[] moments(int channel) {
      int plane = NoiseImages.SHAPE.height() * NoiseImages.SHAPE.width();
      double[] pixels =
          IntStream.range(0, seen.length)
              .filter(i -> i / plane % classes() == channel)
              .mapToDouble(i -> seen[i])
              .toArray();
      double mean = Arrays.stream(pixels).average().orElseThrow();
      double squares = Arrays.stream(pixels).map(x -> (x - mean) * (x - mean)).sum();
      return new double[] {mean, squares / (pixels.length - 1)};
    }
  }

  /**
   * What one rank has of its student after a step.
   *
   * @param moments of the images that it saw, channel by channel
   */
  private record Normalized(double[][] moments, double[] means, double[] variances) {}

  private static Normalized normalized(Collective ranks) {
    try (TensorScope scope = TensorScope.open()) {
      NormalizesChannels student = new NormalizesChannels();
      // One batch of the 24 images, of which each rank sees eight.
      new Trainer(task(student, 16, settings(1, new WeightAverage.None()), ranks), List.of())
          .train(Checkpoints.none());
      return new Normalized(
          IntStream.range(0, student.classes()).mapToObj(student::moments).toArray(double[][]::new),
          Tensors.toDoubles(student.state().get("norm.running_mean")),
          Tensors.toDoubles(student.state().get("norm.running_var")));
    }
  }

  /** Of a step with momentum 0.1, a mean from 0 and a variance from 1. */
  @Test
  void ranksHoldTheMeanOfTheRunningStatisticsThatEachHasOfItsOwnImages() throws Exception {
    List<Normalized> ranks = LocalRanks.run(2, TrainerTest::normalized);
    for (int channel = 0; channel < NoiseImages.SHAPE.channels(); channel++) {
      double[] first = ranks.get(0).moments()[channel];
      double[] second = ranks.get(1).moments()[channel];
      assertThat(first[0]).isNotCloseTo(second[0], within(1e-4));
      for (Normalized rank : ranks) {
        assertThat(rank.means()[channel])
            .isCloseTo(0.1 * (first[0] + second[0]) / 2, within(1e-12));
        assertThat(rank.variances()[channel])
            .isCloseTo(0.9 + 0.1 * (first[1] + second[1]) / 2, within(1e-12));
      }
    }
  }
}
