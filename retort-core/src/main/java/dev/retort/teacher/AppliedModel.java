package dev.retort.teacher;

import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.network.Activations;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A frozen model as it is applied to batches. On the CPU it gets a fixed number of images at a time
 * ({@link dev.retort.engine.Device#chunk}), the last of them padded with zeros, so that what it
 * says of an image does not depend on the batch's size or the other images (but in a TorchScript
 * program that is quantised dynamically, or multiplies rows in blocks).
 *
 * @param input brings images of a batch to what the model reads
 * @param fixed how many images the model reads at once; 0 where that is free
 * @param most how many images it gets at once, where that is free
 */
record AppliedModel(FrozenClassifier model, UnaryOperator<Tensor> input, int fixed, int most) {
  /** How many images the model is applied to at once, of a batch of so many. */
  int chunk(int batch) {
    return fixed > 0 ? fixed : Math.min(most, model.device().chunk(batch));
  }

  /**
   * What the model gives, as it gives it, on its device.
   *
   * @param batch {@code [N, C, H, W]}, on any device
   * @throws IllegalArgumentException if it has no representation of a name in {@code taps}
   */
  Activations run(Tensor batch, Set<String> taps) {
    return run((int) batch.size(0), (from, to) -> batch.narrow(0, from, to - from), taps);
  }

  /** Rows [from, to) of a batch, {@code [to − from, C, H, W]}. */
  @FunctionalInterface
  interface Rows {
    Tensor of(int from, int to);
  }

  /** The same of a batch that is made while the model goes through it. */
  Activations run(int count, Rows rows, Set<String> taps) {
    int chunk = chunk(count);
    List<Activations> chunks = new ArrayList<>();
    try (NoGrad noGrad = NoGrad.open()) {
      for (int first = 0; first < count; first += chunk) {
        int size = Math.min(chunk, count - first);
        try (TensorScope scope = TensorScope.open()) {
          Tensor images = input.apply(model.device().place(rows.of(first, first + size)));
          Activations outputs = model.run(padded(images, chunk), taps);
          chunks.add(outputs.map(tensor -> scope.keep(tensor.narrow(0, 0, size))));
        }
      }
      return Activations.concatenated(chunks);
    }
  }

  private static Tensor padded(Tensor images, int chunk) {
    long[] shape = images.shape();
    shape[0] = chunk - shape[0];
    if (shape[0] == 0) {
      return images;
    }
    Tensor zeros = torch.zeros(shape, images.options()).contiguous(images.suggest_memory_format());
    return torch.cat(new TensorVector(images, zeros), 0);
  }
}
