package dev.retort.bench;

import dev.retort.data.ImageShape;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.network.DataInitialized;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A network of the zoo with initial weights, made when it is first needed. */
final class MeasuredNetwork {
  private static final int CLASSES = 10;

  private final String name;
  private final Tensor images;
  private @Nullable Network network;
  private @Nullable NetworkSummary summary;

  /**
   * @param images that a network whose weights depend on images is initialised from
   */
  MeasuredNetwork(String name, Tensor images) {
    this.name = name;
    this.images = images;
  }

  String name() {
    return name;
  }

  /** The network; its tensors belong to the scope that was innermost at the first call. */
  Network get() {
    Network made = network;
    if (made == null) {
      made =
          Networks.create(
              name,
              ImageShape.CIFAR,
              CLASSES,
              Precision.FP32.parameterType(),
              RandomSource.of(0, "bench"));
      if (made instanceof DataInitialized unfinished) {
        unfinished.initialize(images);
      }
      network = made;
    }
    return made;
  }

  /** Multiply-accumulates for one image. */
  long macs() {
    NetworkSummary known = summary;
    if (known == null) {
      known = NetworkSummary.of(get());
      summary = known;
    }
    return known.macs();
  }
}
