package dev.retort.teacher;

import dev.retort.network.NetworkSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer of a model.
 *
 * @param name of its output in the model
 * @param kind what the model calls that kind of layer
 * @param shape of its output, without the batch dimension
 * @param parameters the number of its learnable values; null where they are not seen
 * @param macs multiply-accumulates for one image, of convolutions and matrices; null likewise
 */
public record ModelLayer(
    String name, String kind, long[] shape, @Nullable Long parameters, @Nullable Long macs) {
  /** A layer of a network of ours. */
  public static ModelLayer of(NetworkSummary.Layer layer) {
    return new ModelLayer(
        layer.name(), layer.kind().toString(), layer.shape(), layer.parameters(), layer.macs());
  }

  /** The multiply-accumulates of all layers for one image; null where a layer's are not seen. */
  static @Nullable Long macs(List<ModelLayer> layers) {
    long macs = 0;
    for (ModelLayer layer : layers) {
      if (layer.macs() == null) {
        return null;
      }
      macs += layer.macs();
    }
    return macs == 0 ? null : macs;
  }
}
