package dev.retort.teacher;

import dev.retort.onnx.OnnxModel;
import dev.retort.onnx.OnnxModel.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hidden layers of an ONNX graph as {@link dev.retort.network.NetworkSummary#neurons} counts
 * them: convolutions and products with constant matrices, but for the one that gives the logits and
 * for projections beside a block.
 */
final class OnnxHiddenLayers {
  private final OnnxModel model;
  private final Map<String, Node> producers;

  OnnxHiddenLayers(OnnxModel model) {
    this.model = model;
    this.producers = model.producers();
  }

  /**
   * The neurons of each hidden layer, in the order of the graph: the channels of a convolution, the
   * values of a product.
   *
   * @param shapes of the values that nodes compute, without the batch dimension, by name
   */
  List<Long> neurons(Map<String, long[]> shapes) {
    Set<Node> projections = projections();
    List<Long> widths = new ArrayList<>();
    for (Node node : model.nodes()) {
      long[] shape = node.outputs().isEmpty() ? null : shapes.get(node.outputs().get(0));
      if (isWeighted(node) && shape != null && !projections.contains(node)) {
        widths.add(isMatrix(node) ? shape[shape.length - 1] : shape[0]);
      }
    }
    return List.copyOf(widths.subList(0, Math.max(0, widths.size() - 1)));
  }

  private static boolean isMatrix(Node node) {
    return OnnxMacs.MATRIX.contains(node.operator());
  }

  private boolean isWeighted(Node node) {
    return (node.operator().equals("Conv") || isMatrix(node))
        && node.inputs().size() > 1
        && model.constant(node.inputs().get(1)) != null;
  }

  /** A projection is the only convolution on one of two ways from a value to a sum. */
  private Set<Node> projections() {
    Set<Node> projections = new HashSet<>();
    for (Node sum : model.nodes()) {
      if (sum.operator().equals("Add") && sum.inputs().size() == 2) {
        for (int side = 0; side < 2; side++) {
          Node last = lastConvolution(sum.inputs().get(side));
          if (last != null && isReached(last.inputs().get(0), sum.inputs().get(1 - side), last)) {
            projections.add(last);
          }
        }
      }
    }
    return projections;
  }

  /** The convolution that a value is made of by operations with one computed input each. */
  private @Nullable Node lastConvolution(String value) {
    Set<String> seen = new HashSet<>();
    for (Node node = producers.get(value); node != null && seen.add(value); ) {
      if (isWeighted(node)) {
        return node.operator().equals("Conv") ? node : null;
      }
      List<String> computed = node.inputs().stream().filter(producers::containsKey).toList();
      if (computed.size() != 1) {
        return null;
      }
      value = computed.get(0);
      node = producers.get(value);
    }
    return null;
  }

  /** Whether a way leads back from one value to another that does not pass a node. */
  private boolean isReached(String wanted, String from, Node without) {
    Set<String> seen = new HashSet<>();
    Deque<String> left = new ArrayDeque<>(List.of(from));
    while (!left.isEmpty()) {
      String value = left.pop();
      if (value.equals(wanted)) {
        return true;
      }
      Node node = producers.get(value);
      if (node != null && !node.equals(without) && seen.add(value)) {
        left.addAll(node.inputs());
      }
    }
    return false;
  }
}
