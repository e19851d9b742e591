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
 * @param epochs passes over the training images, each without a last batch that would not be full;
 *     required
 * @param batchSize images a step
 * @param learningRate the schedule's peak
 * @param schedule of the learning rate: a name, or a name with its settings
 * @param momentum of SGD, in [0, 1)
 * @param nesterov whether the gradient is taken ahead
 * @param weightDecay λ ≥ 0
 * @param decoupledDecay whether weights shrink beside the gradient's step rather than through it
 * @param decayVectors whether biases and normalisation's parameters decay too
 * @param vectorRateFactor the learning rate of those, as a multiple of the others'
 * @param averaging of the weights: a name, or a name with its settings
 * @param precision of the networks' forward passes
 * @param augmentation of the training images
 * @param threads that an operation may use, at least 1; sums come out in another order, and so with
 *     other last bits, on another number; null for one a core
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

  /** A precision, or whichever is fastest on the machine at hand. */
  public enum PrecisionChoice {
    /** bf16 where the device multiplies it in hardware, else fp32. */
    AUTO,
    BF16,
    FP32,
    FP64;

    /** The precision for this machine. */
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
    new TrainingSettings(
        epochs,
        batchSize,
        learningRate,
        schedule,
        new Sgd.Settings(
            momentum, nesterov, weightDecay, decoupledDecay, decayVectors, vectorRateFactor),
        averaging,
        Precision.FP32);
  }

  /** With every default: those that train a CIFAR student well. */
  static TrainingConfiguration of(int epochs) {
    return new TrainingConfiguration(
        epochs,
        128,
        0.1,
        new Schedule.OneCycle(0.2, 0),
        0.9,
        true,
        5e-4,
        false,
        false,
        1,
        new WeightAverage.None(),
        PrecisionChoice.AUTO,
        Augmentation.STANDARD,
        null);
  }

  /** What the trainer needs, with the precision for this machine. */
  public TrainingSettings settings(Device device) {
    return new TrainingSettings(
        epochs,
        batchSize,
        learningRate,
        schedule,
        new Sgd.Settings(
            momentum, nesterov, weightDecay, decoupledDecay, decayVectors, vectorRateFactor),
        averaging,
        precision.resolve(device));
  }
}
