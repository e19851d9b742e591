package dev.retort.weights;

import dev.retort.network.Stages;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A network's convolutions by where they stand. */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  /**
   * A kernel {@code [out, in, k, k]}.
   *
   * @param readsImages whether it is the network's first, and of the images' channels: another
   *     layer may be before it
   */
  record Kernel(String name, Tensor values, boolean readsImages) {}

  /** A stage and a kernel's size. */
  record Place(String stage, long size) {
    @Override
    public String toString() {
      return size + "x" + size + " kernel in " + stage;
    }
  }

  /** The square kernels of each stage, in the order in which they were declared. */
  static Map<Place, List<Kernel>> of(State state, Map<String, long[]> shapes, long imageChannels) {
    Map<Place, List<Kernel>> kernels = new LinkedHashMap<>();
    boolean isFirst = true;
    for (Map.Entry<String, Tensor> parameter : state.parameters().entrySet()) {
      String name = parameter.getKey();
      Tensor tensor = parameter.getValue();
      if (tensor.dim() != 4) {
        continue;
      }
      String stage = Stages.of(name, shapes);
      if (stage != null && tensor.size(2) == tensor.size(3)) {
        kernels
            .computeIfAbsent(new Place(stage, tensor.size(2)), key -> new ArrayList<>())
            .add(new Kernel(name, tensor, isFirst && tensor.size(1) == imageChannels));
      }
      isFirst = false;
    }
    return kernels;
  }
}
