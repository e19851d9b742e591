package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.data.Augmentation;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.training.TrainingSettings;
import dev.retort.training.WeightAverage;
import org.jspecify.annotations.Nullable;

/**
 * How every network of a study learns: {@code training} in YAML.
 *
 * @param epochs passes over the training images, each in another order and without the last few
 *     that do not fill a batch; required
 * @param batchSize images a step, of all ranks together
 * @param learningRate the peak of the schedule
 * @param schedule of the learning rate; times are shares of the training. {@code linear} is {@code
 *     one-cycle} with {@code peak: 0}
 * @param momentum of SGD, in [0, 1)
 * @param nesterov whether the momentum is Nesterov's
 * @param weightDecay λ ≥ 0, on kernels and matrices: the student's, and those that objectives learn
 *     with it (connectors)
 * @param decoupledDecay whether weights decay beside the gradient's step, not through the momentum,
 *     by which one λ has 1 / (1 − momentum) times the effect
 * @param decayVectors whether biases and the parameters of normalisation decay too
 * @param vectorRateFactor the learning rate of biases and normalisation, as a multiple of that of
 *     the kernels and matrices
 * @param averaging of the weights. {@code exponential} rises to its decay: that of the n-th average
 *     is n / (n + 9), while it is less; {@code tail} gives equal weights from the share {@code
 *     start} of the training on; with {@code lookahead}, the average a becomes d a + (1 − d) w
 *     every {@code every} steps, with d = decay^every · progress^power, and the weights w go on
 *     from it
 * @param precision of the networks' forward passes. {@code auto} is bf16 where the processor
 *     multiplies it in hardware (and on any GPU), and fp32 elsewhere, where {@code bf16} is
 *     computed as fp32 products of rounded factors and saves no time. A study goes on in the one
 *     that it was begun in
 * @param augmentation of the training images
 * @param threads of one operation, and of decoding; another number changes the last bits of
 *     students; null for {@code OMP_NUM_THREADS}, else one a core
 */
public record TrainingConfiguration(
    @JsonProperty(required = true) int epochs,
    int batchSize,
    double learningRate,
    Schedule schedule,
    double momentum,
    boolean nesterov,
    double weightDecay,
    boolean decoupledDecay,
    boolean decayVectors,
    double vectorRateFactor,
    WeightAverage.Settings averaging,
    PrecisionChoice precision,
    Augmentation augmentation,
    @Nullable Integer threads) {

  /** A precision, or the one that suits the machine at hand. */
  public enum PrecisionChoice {
    /** bf16 on a GPU, and on a processor that multiplies it in hardware; else fp32. */
    AUTO,
    BF16,
    FP32,
    FP64;

    /** The precision on a device of this machine. */
    public Precision resolve(Device device) {
      return switch (this) {
        case AUTO -> Precision.automatic(device);
        case BF16 -> Precision.BF16;
        case FP32 -> Precision.FP32;
        case FP64 -> Precision.FP64;
      };
    }
  }

  public TrainingConfiguration {
    if (threads != null && threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
    if (batchSize < 2) {
      throw new IllegalArgumentException("batchSize must be at least 2, not " + batchSize);
    }
    new TrainingSettings(
        epochs,
        learningRate,
        schedule,
        new Sgd.Settings(
            momentum, nesterov, weightDecay, decoupledDecay, decayVectors, vectorRateFactor),
        averaging,
        Precision.FP32);
  }

  /** With every default. */
  static TrainingConfiguration of(int epochs) {
    return new TrainingConfiguration(
        epochs,
        128,
        0.1,
        Schedule.OneCycle.STANDARD,
        Sgd.Settings.STANDARD.momentum(),
        Sgd.Settings.STANDARD.nesterov(),
        Sgd.Settings.STANDARD.weightDecay(),
        Sgd.Settings.STANDARD.decoupledDecay(),
        Sgd.Settings.STANDARD.decayVectors(),
        Sgd.Settings.STANDARD.vectorRateFactor(),
        new WeightAverage.None(),
        PrecisionChoice.AUTO,
        Augmentation.STANDARD,
        null);
  }

  /** What the trainer needs, with a precision that {@code auto} stands for here. */
  public TrainingSettings settings(Precision resolved) {
    return new TrainingSettings(
        epochs,
        learningRate,
        schedule,
        new Sgd.Settings(
            momentum, nesterov, weightDecay, decoupledDecay, decayVectors, vectorRateFactor),
        averaging,
        resolved);
  }
}
