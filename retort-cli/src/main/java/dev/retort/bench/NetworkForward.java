package dev.retort.bench;

import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.network.ForwardPass;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** A network's forward pass in evaluation mode, without gradient. */
final class NetworkForward implements Workload {
  private final MeasuredNetwork network;
  private final Tensor images;
  private final Precision precision;

  NetworkForward(MeasuredNetwork network, Tensor images, Precision precision) {
    this.network = network;
    this.images = images;
    this.precision = precision;
  }

  @Override
  public String name() {
    return network.name() + " forward";
  }

  @Override
  public double secondsAStep(int steps) {
    var made = network.get();
    try (NoGrad noGrad = NoGrad.open()) {
      return Repetition.secondsAStep(
          steps, () -> ForwardPass.run(made, images, false, Set.of(), precision, Device.CPU));
    }
  }
}
