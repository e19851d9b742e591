package dev.retort.bench;

import dev.retort.study.Environment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * @param peakFraction the share of the peak that a training step of each network reaches, by name
 * @param adversarialOverHinton the time of a step of adversarial-hinton over one of hinton; null if
 *     one of them was not measured
 * @param ratios each peer's times over ours, by the peer's name; null without peers, and of a peer
 *     with whom the comparison is void
 * @param comparison what the ratios come from; null without peers
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
    List<MethodSpeed> methods,
    Map<String, Double> peakFraction,
    @Nullable Double adversarialOverHinton,
    @Nullable Map<String, @Nullable PeerRatios> ratios,
    @Nullable PeerComparisonResult comparison) {

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

  /**
   * A peer's time over ours.
   *
   * @param loop a step of Hinton's method, resnet56 to resnet20, with the teacher in everyone's
   *     loop
   * @param cache the same, with ours from the cache
   * @param cacheResnet8 a step of Hinton's method from the bundled teacher to resnet8, likewise
   * @param study a whole study, by the cost model; null where that does not hold
   */
  public record PeerRatios(
      double loop, double cache, double cacheResnet8, @Nullable Double study) {}

  /** The same with a comparison. */
  public BenchmarkResult with(PeerComparisonResult compared) {
    Map<String, @Nullable PeerRatios> byPeer = new LinkedHashMap<>();
    for (PeerComparisonResult.OfPeer peer : compared.peers()) {
      PeerComparisonResult.Ratios of = peer.ratios();
      byPeer.put(
          peer.name(),
          of == null
              ? null
              : new PeerRatios(
                  of.loop().value(), of.cache().value(), of.cacheResnet8().value(), of.study()));
    }
    return new BenchmarkResult(
        machine,
        precision,
        batchSize,
        peak,
        loader,
        networks,
        student,
        teacher,
        methods,
        peakFraction,
        adversarialOverHinton,
        byPeer,
        compared);
  }
}
