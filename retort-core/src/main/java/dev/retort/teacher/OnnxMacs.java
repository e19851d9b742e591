package dev.retort.teacher;

import dev.retort.onnx.OnnxModel;
import dev.retort.onnx.OnnxModel.Node;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The multiply-accumulates of a graph's nodes, for one image. */
final class OnnxMacs {
  static final Set<String> MATRIX = Set.of("Gemm", "MatMul");

  /** What always has weights. */
  private static final Set<String> WEIGHTED = Set.of("Conv", "Gemm");

  /** What takes no products of matrices, whatever the shape of a constant that it reads. */
  private static final Set<String> WITHOUT_PRODUCTS =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Min",
          "Max",
          "Sum",
          "Mean",
          "Where",
          "PRelu",
          "Equal",
          "Less",
          "Greater",
          "Gather",
          "GatherElements",
          "GatherND",
          "ScatterND",
          "Concat",
          "Expand",
          "Slice",
          "Split",
          "Pad",
          "Tile",
          "Transpose",
          "Identity",
          "Cast",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "QuantizeLinear",
          "DequantizeLinear");

  private final OnnxModel model;

  /** Values that are computed from constants alone, and those of them that are weights. */
  private final Set<String> computed = new HashSet<>();

  private final Set<String> matrices = new HashSet<>();

  OnnxMacs(OnnxModel model) {
    this.model = model;
    findConstants();
  }

  /**
   * Of convolutions and products with constant matrices; 0 for what has no weights, and null where
   * these are 8-bit numbers, are computed, or belong to an operator that is not known here.
   *
   * @param output the shape of what the node computes, without the batch dimension
   */
  @Nullable Long of(Node node, long[] output) {
    if (!hasWeights(node)) {
      return 0L;
    }
    long[] weight = model.constant(node.inputs().get(1));
    if (weight == null) {
      return null;
    }
    long weights = LongStream.of(weight).reduce(1, (a, b) -> a * b);
    if (node.operator().equals("Conv")) {
      return weights * LongStream.of(output).skip(1).reduce(1, (a, b) -> a * b);
    }
    if (MATRIX.contains(node.operator())) {
      return weights * LongStream.of(output).limit(output.length - 1).reduce(1, (a, b) -> a * b);
    }
    return null;
  }

  /** Whether a node takes products with numbers that are no input of the model. */
  boolean hasWeights(Node node) {
    if (node.inputs().size() < 2
        || WITHOUT_PRODUCTS.contains(node.operator())
        || computed.containsAll(node.outputs())) {
      return false;
    }
    if (WEIGHTED.contains(node.operator())) {
      return true;
    }
    return MATRIX.contains(node.operator())
        ? node.inputs().stream().anyMatch(this::isConstant)
        : node.inputs().stream().anyMatch(this::isOfWeights);
  }

  /** Whether a value is a constant of two dimensions or more, or computed from such alone. */
  private boolean isOfWeights(String value) {
    long[] constant = model.constant(value);
    return matrices.contains(value)
        || (constant != null && Arrays.stream(constant).filter(length -> length > 1).count() > 1);
  }

  private boolean isConstant(String value) {
    return value.isEmpty() || model.constant(value) != null || computed.contains(value);
  }

  /** Looks for what is computed from constants alone. */
  private void findConstants() {
    for (Node node : model.nodes()) {
      if (node.inputs().stream().allMatch(this::isConstant)) {
        computed.addAll(node.outputs());
        if (node.inputs().stream().anyMatch(this::isOfWeights)) {
          matrices.addAll(node.outputs());
        }
      }
    }
  }
}
