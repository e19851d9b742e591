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

  /** A kernel {@code [out, in, k, k]}. */
  record Kernel(String name, Tensor values) {}

  /** A stage and a kernel's size. */
  record Place(String stage, long size) {
    @Override
    public String toString() {
      return size + "x" + size + " kernel in " + stage;
    }
  }

  /** The square kernels of each stage, in the order in which they were declared. */
  static Map<Place, List<Kernel>> of(State state, Map<String, long[]> shapes) {
    Map<Place, List<Kernel>> kernels = new LinkedHashMap<>();
    state
        .parameters()
        .forEach(
            (name, tensor) -> {
              String stage = Stages.of(name, shapes);
              if (stage != null && tensor.dim() == 4 && tensor.size(2) == tensor.size(3)) {
                kernels
                    .computeIfAbsent(new Place(stage, tensor.size(2)), key -> new ArrayList<>())
                    .add(new Kernel(name, tensor));
              }
            });
    return kernels;
  }
}
