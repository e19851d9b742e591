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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A graph as a program, without gradient: a step for each value, of which a run takes those that
 * the logits and the tapped representations need. It frees a value after the last step that reads
 * it, so that the next one finds its memory in the processor's cache.
 */
final class FrozenGraph {
  private final Graph graph;
  private final Arithmetic arithmetic;
  private final Map<String, List<String>> names = new HashMap<>();
  private final List<Step> steps;
  private final Map<Set<String>, Deque<Planned>> plans = new ConcurrentHashMap<>();

  /** What gives one value; {@code overwrites} says whether it takes its last input's memory. */
  private record Step(
      List<String> inputs, String output, boolean overwrites, Function<Tensor[], Tensor> kernel) {}

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
    this.arithmetic = arithmetic;
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
    Node before = node.operation() == Activation.RELU ? graph.onlyFor(node) : null;
    if (before == null) {
      return plain(node);
    }
    if (before.operation() instanceof Convolution convolution) {
      FusedConvolution fused = new FusedConvolution(convolution);
      return new Step(before.inputs(), node.output(), false, inputs -> fused.rectified(inputs[0]));
    }
    Node last = before.operation() instanceof Addition ? graph.onlyFor(before) : null;
    // Not of grouped convolutions: kept outputs of ShuffleNets have sums that were rounded twice.
    if (last != null
        && last.operation() instanceof Convolution convolution
        && convolution.groups() == 1) {
      List<String> read = List.of(last.inputs().get(0), before.inputs().get(1));
      if (!read.get(0).equals(read.get(1)) && !isShared(read.get(1))) {
        FusedConvolution fused = new FusedConvolution(convolution);
        return new Step(
            read, node.output(), true, inputs -> fused.rectifiedSum(inputs[0], inputs[1]));
      }
    }
    return plain(node);
  }

  /** Whether a value may lie in another one's memory. */
  private boolean isShared(String value) {
    return graph.nodes().stream()
        .filter(
            node ->
                node.operation() instanceof Channels || node.operation() instanceof ChannelShuffle)
        .anyMatch(node -> node.output().equals(value) || node.inputs().contains(value));
  }

  /** Whether it has sums, which may be rounded once, or twice by one operation after the other. */
  boolean hasSums() {
    return graph.nodes().stream().anyMatch(node -> node.operation() instanceof Addition);
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
      for (Planned planned : plans.computeIfAbsent(Set.copyOf(taps), this::plan)) {
        String output = planned.step().output();
        values.put(output, compute(planned, values));
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

  private static Tensor compute(Planned planned, Map<String, Tensor> values) {
    Step step = planned.step();
    try (TensorScope scope = TensorScope.open()) {
      Tensor[] inputs = step.inputs().stream().map(in -> value(values, in)).toArray(Tensor[]::new);
      int last = inputs.length - 1;
      if (step.overwrites() && !planned.lastRead().contains(step.inputs().get(last))) {
        inputs[last] = inputs[last].clone();
      }
      return scope.keep(step.kernel().apply(inputs));
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

  private static Tensor value(Map<String, Tensor> values, String name) {
    return Objects.requireNonNull(values.get(name));
  }
}
