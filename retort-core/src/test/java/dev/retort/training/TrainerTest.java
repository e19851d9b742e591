package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Augmentation;
import dev.retort.data.ImageShape;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.network.State;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.NoiseImages;
import dev.retort.training.TrainingListener.EpochResult;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

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

  /** Logits that are its weight, whatever the images; remembers it where it is evaluated. */
  private static final class OneWeight implements Network {
    private final State state = new State(ScalarType.Double, RandomSource.of(1, "one weight"));
    private final Tensor weight = state.constant("weight", 1, 1);
    private final List<Double> evaluated = new ArrayList<>();

    @Override
    public String name() {
      return "one weight";
    }

    @Override
    public ImageShape input() {
      return NoiseImages.SHAPE;
    }

    @Override
    public int classes() {
      return CLASSES.size();
    }

    @Override
    public State state() {
      return state;
    }

    @Override
    public Tensor forward(Tensor images, ForwardPass pass) {
      if (!pass.isTraining()) {
        evaluated.add(Tensors.toDouble(weight));
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
    try (TensorScope scope = TensorScope.open()) {
      OneWeight student = new OneWeight();
      List<Double> afterSteps = new ArrayList<>();
      List<EpochResult> epochs = new ArrayList<>();
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void afterStep(long step, int epoch) {
              afterSteps.add(Tensors.toDouble(student.weight));
            }

            @Override
            public void afterEpoch(EpochResult result) {
              epochs.add(result);
            }
          };
      TrainingSettings settings =
          new TrainingSettings(
              2,
              0.1,
              Schedule.OneCycle.STANDARD,
              new Sgd.Settings(0, false, 0, false, false, 1),
              averaging,
              Precision.FP64);
      new Trainer(
              new TrainingTask(
                  student,
                  null,
                  List.of(new Slope(2)),
                  NoiseImages.splits(CLASSES, 8),
                  new BatchPlan(8, Augmentation.NONE, 1),
                  settings,
                  Device.CPU),
              List.of(listener))
          .train(Checkpoints.none());
      return new Trained(
          Tensors.toDouble(student.weight), student.evaluated, afterSteps, List.copyOf(epochs));
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
    assertThat(trained.epochs().get(0).trainLoss()).isCloseTo(first, within(1e-12));
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
}
