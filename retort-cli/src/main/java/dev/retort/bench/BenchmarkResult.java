package dev.retort.bench;

import dev.retort.serving.Estimate;
import dev.retort.study.Environment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How fast Retort is on a machine, as {@code retort bench --json} writes it.
 *
 * @param machine with its software
 * @param precision of the networks and of the peak
 * @param batchSize images a step
 * @param peak what the engine reaches at best
 * @param loader batches of augmented images, in images a second; null if it was not measured
 * @param networks in the order of the zoo
 * @param student of the methods
 * @param teacher of the methods; its outputs come from the cache
 * @param methods in the order of their list
 */
public record BenchmarkResult(
    Environment machine,
    String precision,
    int batchSize,
    Peak peak,
    @Nullable Estimate loader,
    List<NetworkSpeed> networks,
    String student,
    String teacher,
    List<MethodSpeed> methods) {

  /** The engine's best rates, in floating-point operations a second. */
  public record Peak(Estimate matrixProduct, Estimate convolution) {
    /** The better one: what all fractions are of. */
    public double best() {
      return Math.max(matrixProduct.value(), convolution.value());
    }
  }

  /**
   * A network's speed.
   *
   * @param macs multiply-accumulates of a forward pass, for one image
   * @param forward images a second, in evaluation mode without gradient
   * @param forwardFraction of the peak
   * @param training images a second of a step with cross-entropy, loader and update included
   * @param trainingFraction of the peak; the backward pass counts as two forward passes
   */
  public record NetworkSpeed(
      String name,
      long macs,
      Estimate forward,
      double forwardFraction,
      Estimate training,
      double trainingFraction) {}

  /**
   * A method's speed.
   *
   * @param training images a second of a step
   * @param fraction of the peak, by the student's multiply-accumulates alone
   * @param overHinton the time of a step over that of Hinton's, from measurements in pairs; null if
   *     Hinton's was not measured
   */
  public record MethodSpeed(
      String name, Estimate training, double fraction, @Nullable Estimate overHinton) {}
}
