package dev.retort.teacher;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer of an external model that may be tapped.
 *
 * @param name of its output in the model
 * @param operator what the model calls that kind of layer
 * @param shape of its output, without the batch dimension
 * @param parameters the number of its learnable values; null where they are not seen
 * @param macs multiply-accumulates for one image, of convolutions and matrices; null likewise
 */
public record ExternalLayer(
    String name, String operator, long[] shape, @Nullable Long parameters, @Nullable Long macs) {
  /** The multiply-accumulates of all layers for one image; null where a layer's are not seen. */
  static @Nullable Long macs(List<ExternalLayer> layers) {
    long macs = 0;
    for (ExternalLayer layer : layers) {
      if (layer.macs() == null) {
        return null;
      }
      macs += layer.macs();
    }
    return macs == 0 ? null : macs;
  }
}
