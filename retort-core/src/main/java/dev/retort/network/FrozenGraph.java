package dev.retort.network;

import dev.retort.engine.TensorScope;
import dev.retort.network.ForwardPass.Arithmetic;
import dev.retort.network.Graph.Node;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Addition;
import dev.retort.network.Operation.ChannelShuffle;
import dev.retort.network.Operation.Channels;
import dev.retort.network.Operation.Convolution;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A graph as a program: a step for each value, of which a run takes those that the logits and the
 * tapped representations need. It frees a value after the last step that reads it, so that the next
 * one finds its memory in the processor's cache.
 */
final class FrozenGraph {
  private final Graph graph;
  private final boolean fuses;
  private final Arithmetic arithmetic;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> readers;
  private final Map<String, List<String>> names = new HashMap<>();
  private final List<Step> steps;

  /** What gives one value; {@code overwrites} says whether it may take its last input's memory. */
  private record Step(List<String> inputs, String output, boolean overwrites, Kernel kernel) {}

  private interface Kernel {
    Tensor compute(Tensor... inputs);
  }

  /** A step of one run, and the inputs that no later one reads. */
  private record Planned(Step step, Set<String> lastRead) {}

  /**
   * What it needs beside the graph's tensors belongs to the innermost open scope.
   *
   * @param fuses whether convolutions in bf16 take what follows with them
   * @param arithmetic computes what is not fused
   */
  FrozenGraph(Graph graph, boolean fuses, Arithmetic arithmetic) {
    this.graph = graph;
    this.fuses = fuses;
    this.arithmetic = arithmetic;
    this.producers = graph.producers();
    this.readers = graph.readers();
    graph
        .representations()
        .forEach(
            (name, value) -> names.computeIfAbsent(value, unseen -> new ArrayList<>()).add(name));
    this.steps = graph.nodes().stream().map(node -> fuses ? fused(node) : plain(node)).toList();
  }

  private Step plain(Node node) {
    return new Step(
        node.inputs(),
        node.output(),
        false,
        inputs -> arithmetic.compute(node.operation(), inputs));
  }

  /**
   * A ReLU with the convolution, or the sum of a convolution and a shortcut, that it alone reads.
   * Those values have their own steps still, for who taps them.
   */
  private Step fused(Node node) {
    Node before = node.operation() == Activation.RELU ? onlyFor(node) : null;
    if (before != null && before.operation() instanceof Convolution convolution) {
      FusedConvolution fused = new FusedConvolution(convolution);
      return new Step(before.inputs(), node.output(), false, inputs -> fused.rectified(inputs[0]));
    }
    Node last = before != null && before.operation() instanceof Addition ? onlyFor(before) : null;
    // Kept outputs are those of grouped convolutions whose sums are rounded twice.
    if (before != null
        && last != null
        && last.operation() instanceof Convolution convolution
        && convolution.groups() == 1) {
      FusedConvolution fused = new FusedConvolution(convolution);
      return new Step(
          List.of(last.inputs().get(0), before.inputs().get(1)),
          node.output(),
          true,
          inputs -> fused.rectifiedSum(inputs[0], inputs[1]));
    }
    return plain(node);
  }

  /** The node that computes the first input, where nothing else reads that. */
  private @Nullable Node onlyFor(Node node) {
    String input = node.inputs().get(0);
    return Objects.requireNonNull(readers.get(input)).size() == 1 ? producers.get(input) : null;
  }

  /** Whether sums may be rounded once, where one operation after the other rounds them twice. */
  boolean fusesSums() {
    return fuses && graph.nodes().stream().anyMatch(node -> node.operation() instanceof Addition);
  }

  /** What may be tapped. */
  Set<String> representations() {
    return graph.representations().keySet();
  }

  /**
   * Runs it, without gradient.
   *
   * @param taps names of representations
   * @param type in which logits and taps are handed out
   */
  Activations run(Tensor images, Set<String> taps, ScalarType type) {
    Map<String, Tensor> values = new HashMap<>(Map.of(Graph.IMAGES, images));
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    try (TensorScope scope = TensorScope.open()) {
      for (Planned planned : plan(taps)) {
        String output = planned.step().output();
        try (TensorScope inner = TensorScope.open()) {
          Tensor[] inputs = inputs(planned, values);
          values.put(output, inner.keep(planned.step().kernel().compute(inputs)));
        }
        for (String name : names.getOrDefault(output, List.of())) {
          if (taps.contains(name) && !name.equals(Activations.LOGITS)) {
            hidden.put(name, scope.keep(value(values, output).to(type)));
          }
        }
        for (String input : planned.lastRead()) {
          scope.free(value(values, input));
          values.remove(input);
        }
      }
      return new Activations(scope.keep(value(values, Activations.LOGITS).to(type)), hidden);
    }
  }

  /** The steps that are needed, in order. */
  private Deque<Planned> plan(Set<String> taps) {
    Set<String> needed = new HashSet<>(Set.of(Activations.LOGITS));
    taps.forEach(tap -> needed.add(graph.representations().get(tap)));
    Set<String> read = new HashSet<>(Set.of(Activations.LOGITS, Graph.IMAGES));
    Deque<Planned> plan = new ArrayDeque<>();
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      if (needed.contains(step.output())) {
        Set<String> lastRead = new HashSet<>(step.inputs());
        lastRead.removeAll(read);
        read.addAll(step.inputs());
        needed.addAll(step.inputs());
        plan.addFirst(new Planned(step, lastRead));
      }
    }
    return plan;
  }

  /** Those of a step, the last one copied where its memory is to be written and others need it. */
  private Tensor[] inputs(Planned planned, Map<String, Tensor> values) {
    Step step = planned.step();
    Tensor[] inputs = step.inputs().stream().map(in -> value(values, in)).toArray(Tensor[]::new);
    int last = inputs.length - 1;
    String name = step.inputs().get(last);
    if (step.overwrites()
        && (!planned.lastRead().contains(name)
            || name.equals(step.inputs().get(0))
            || isShared(name))) {
      inputs[last] = inputs[last].clone();
    }
    return inputs;
  }

  /** Whether a value may lie in another one's memory. */
  private boolean isShared(String value) {
    return isView(producers.get(value))
        || readers.getOrDefault(value, List.of()).stream().anyMatch(FrozenGraph::isView);
  }

  private static boolean isView(@Nullable Node node) {
    return node != null
        && (node.operation() instanceof Channels || node.operation() instanceof ChannelShuffle);
  }

  private static Tensor value(Map<String, Tensor> values, String name) {
    return Objects.requireNonNull(values.get(name));
  }
}
