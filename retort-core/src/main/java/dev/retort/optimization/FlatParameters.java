package dev.retort.optimization;

import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * The parameters of one learner laid out in one vector: kernels and matrices first, biases and
 * normalisation's vectors behind them. The parameters become views into the vector, so an update,
 * an average, a check or a reduction over all of them is one operation, whatever their number.
 */
public final class FlatParameters {
  private final TensorVector tensors;
  private final Tensor values;
  private final long matrixValues;
  private final List<long[]> shapes = new ArrayList<>();
  private final List<Long> offsets = new ArrayList<>();

  /**
   * Moves the parameters' values into a new vector of the innermost open {@link TensorScope}.
   *
   * @param parameters leaf tensors of one type and device that require gradients; at least one
   * @throws IllegalArgumentException if there is none
   */
  public FlatParameters(Collection<Tensor> parameters) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("there is nothing to learn: no parameters");
    }
    List<Tensor> ordered = new ArrayList<>();
    parameters.stream().filter(FlatParameters::isMatrix).forEach(ordered::add);
    this.matrixValues = ordered.stream().mapToLong(Tensor::numel).sum();
    parameters.stream().filter(tensor -> !isMatrix(tensor)).forEach(ordered::add);
    this.tensors = new TensorVector(ordered.toArray(new Tensor[0]));
    long matrix = 0;
    long vector = matrixValues;
    for (Tensor tensor : parameters) {
      shapes.add(tensor.shape());
      if (isMatrix(tensor)) {
        offsets.add(matrix);
        matrix += tensor.numel();
      } else {
        offsets.add(vector);
        vector += tensor.numel();
      }
    }
    try (NoGrad noGrad = NoGrad.open()) {
      try (TensorScope copy = TensorScope.open()) {
        // What is flattened of a single tensor is a view of it.
        this.values = copy.keep(Tensors.flatten(tensors).clone());
      }
      long offset = 0;
      for (Tensor tensor : ordered) {
        long count = tensor.numel();
        tensor.set_data(values.narrow(0, offset, count).view(tensor.shape()));
        offset += count;
      }
    }
  }

  private static boolean isMatrix(Tensor tensor) {
    return tensor.dim() >= 2;
  }

  /** All values, {@code [P]}, live: matrices first. */
  public Tensor values() {
    return values;
  }

  /** The number of values in kernels and matrices, which come first. */
  long matrixValues() {
    return matrixValues;
  }

  /** The gradient of a scalar with respect to {@link #values()}, {@code [P]}; frees the graph. */
  public Tensor gradient(Tensor scalar) {
    return Tensors.flatten(Tensors.gradients(scalar, tensors, false));
  }

  /**
   * Parts of another vector as the parameters are parts of {@link #values()}: views, in the order
   * in which the parameters were given.
   *
   * @param vector {@code [P]}
   */
  public List<Tensor> split(Tensor vector) {
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      long count = 1;
      for (long length : shapes.get(i)) {
        count *= length;
      }
      parts.add(vector.narrow(0, offsets.get(i), count).view(shapes.get(i)));
    }
    return parts;
  }
}
