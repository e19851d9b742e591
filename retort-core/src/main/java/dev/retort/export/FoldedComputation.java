package dev.retort.export;

import dev.retort.network.Graph;
import dev.retort.network.Graph.Node;
import dev.retort.network.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A computation in which every normalisation right after a convolution is part of it. */
final class FoldedComputation {
  private FoldedComputation() {}

  /**
   * Folds; new tensors belong to the innermost open scope. What the convolution alone would give is
   * no value of the result.
   */
  static Graph of(Graph computation) {
    Map<String, Integer> readers = new HashMap<>();
    computation
        .nodes()
        .forEach(node -> node.inputs().forEach(input -> readers.merge(input, 1, Integer::sum)));
    List<Node> nodes = new ArrayList<>();
    for (Node node : computation.nodes()) {
      Node last = nodes.isEmpty() ? null : nodes.get(nodes.size() - 1);
      if (last != null
          && node.operation() instanceof Operation.Normalization normalization
          && last.operation() instanceof Operation.Convolution convolution
          && node.inputs().equals(List.of(last.output()))
          && readers.getOrDefault(last.output(), 0) == 1) {
        nodes.set(
            nodes.size() - 1,
            new Node(
                convolution.folded(normalization, ScalarType.Float),
                last.inputs(),
                node.output(),
                node.shape()));
      } else {
        nodes.add(node);
      }
    }
    return new Graph(List.copyOf(nodes));
  }
}
