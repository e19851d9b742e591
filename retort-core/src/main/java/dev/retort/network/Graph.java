package dev.retort.network;

import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.network.Operation.Convolution;
import dev.retort.network.Operation.Normalization;
import dev.retort.network.Operation.Pooling;
import dev.retort.network.Operation.Reduction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What a network computes of a batch in evaluation, operation by operation, in order: what an
 * export writes down and a frozen network runs. Values have names: {@link #IMAGES} and {@link
 * Activations#LOGITS} are the ends, those that the network names keep the last of their names
 * ({@code layer1.0.conv1}, {@code stage:1}, {@code embedding}), the others are called after their
 * operation.
 *
 * @param nodes in the order in which they compute
 * @param representations the value of every name that the network gives, in the order in which it
 *     gives them
 */
public record Graph(List<Node> nodes, Map<String, String> representations) {
  /** The name of what goes in: {@code [N, C, H, W]}, normalised. */
  public static final String IMAGES = "images";

  /**
   * One operation.
   *
   * @param operation what it computes
   * @param inputs names of values
   * @param output the name of its result
   * @param shape the result's, without the batch dimension
   */
  public record Node(Operation operation, List<String> inputs, String output, long[] shape) {}

  /**
   * Runs the network once and takes down what it does. The weights in the operations are the
   * network's own, live.
   *
   * @throws IllegalArgumentException if the network computes by other means than {@link
   *     ForwardPass#apply}, or with tensors that are not in its state
   */
  public static Graph of(Network network) {
    return recorded(network)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "network %s cannot be exported: it computes by other means than ForwardPass.apply and the tensors of its state, and only what goes through these can be written down"
                        .formatted(network.name())));
  }

  /** The same; empty where the network computes by other means. */
  static Optional<Graph> recorded(Network network) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor blank = NetworkSummary.blankImage(network);
      Recorder recorder = new Recorder(blank, network.state());
      recorder.named(Activations.LOGITS, ForwardPass.observe(network, blank, recorder));
      return recorder.isWhole() ? Optional.of(recorder.graph()) : Optional.empty();
    }
  }

  /**
   * The same computation, with every normalisation right after a convolution as part of it; what
   * the convolution alone would give is no value of the result, though {@link #representations}
   * still has its name. New tensors belong to the innermost open scope.
   *
   * @param type of the convolutions' weights
   */
  public Graph folded(ScalarType type) {
    // Not across a pooling, so that exported files remain what they are.
    Graph all = folded(type, foldable -> foldable.pooling() == null);
    List<Node> read =
        all.nodes.stream()
            .filter(
                node -> node.output().equals(Activations.LOGITS) || !all.readers(node).isEmpty())
            .toList();
    return new Graph(read, representations);
  }

  /** The same of some normalisations; the values that are no longer read are there still. */
  Graph folded(ScalarType type, Predicate<Foldable> chosen) {
    List<Node> folded = new ArrayList<>();
    for (Node node : nodes) {
      Foldable foldable = foldable(node);
      if (foldable == null || !chosen.test(foldable)) {
        folded.add(node);
        continue;
      }
      Operation both = foldable.weights().folded(foldable.normalization(), type);
      Node convolution = foldable.convolution();
      Node pooling = foldable.pooling();
      String map = pooling == null ? node.output() : node.output() + ":before-pooling";
      folded.add(new Node(both, convolution.inputs(), map, convolution.shape()));
      if (pooling != null) {
        folded.add(new Node(pooling.operation(), List.of(map), node.output(), node.shape()));
      }
    }
    return new Graph(List.copyOf(folded), representations);
  }

  /**
   * A normalisation that may become part of a convolution, whose result nothing else reads.
   *
   * @param pooling a maximum between the two, with which the normalisation commutes because no
   *     channel's scale is negative; null for none
   */
  record Foldable(
      Convolution weights, Normalization normalization, Node convolution, @Nullable Node pooling) {}

  private @Nullable Foldable foldable(Node node) {
    if (!(node.operation() instanceof Normalization normalization)) {
      return null;
    }
    Node before = onlyFor(node);
    Node pooling =
        before != null
                && before.operation() instanceof Pooling between
                && between.reduction() == Reduction.MAXIMUM
                && normalization.isIncreasing()
            ? before
            : null;
    Node convolution = pooling == null ? before : onlyFor(pooling);
    return convolution != null && convolution.operation() instanceof Convolution weights
        ? new Foldable(weights, normalization, convolution, pooling)
        : null;
  }

  /**
   * What a network's last layers, live, make of an embedding {@code [N, d]}: logits {@code [N,
   * classes]}, differentiable in it.
   *
   * @return empty where the logits depend on more than the embedding, or the network cannot be
   *     recorded
   */
  public static Optional<UnaryOperator<Tensor>> classifier(Network network) {
    return recorded(network).flatMap(graph -> graph.logitsOf(Activations.EMBEDDING));
  }

  private Optional<UnaryOperator<Tensor>> logitsOf(String representation) {
    String given = representations.getOrDefault(representation, IMAGES);
    Deque<Node> behind = new ArrayDeque<>();
    Set<String> needed = new HashSet<>(Set.of(Activations.LOGITS));
    for (int i = nodes.size() - 1; i >= 0 && !nodes.get(i).output().equals(given); i--) {
      if (needed.contains(nodes.get(i).output())) {
        behind.addFirst(nodes.get(i));
        needed.addAll(nodes.get(i).inputs());
      }
    }
    behind.forEach(node -> needed.remove(node.output()));
    return needed.equals(Set.of(given)) && !given.equals(IMAGES)
        ? Optional.of(value -> computed(behind, given, value))
        : Optional.empty();
  }

  private static Tensor computed(Deque<Node> nodes, String given, Tensor value) {
    Map<String, Tensor> values = new HashMap<>(Map.of(given, value));
    for (Node node : nodes) {
      Tensor[] inputs = node.inputs().stream().map(values::get).toArray(Tensor[]::new);
      values.put(node.output(), node.operation().compute(inputs));
    }
    return Objects.requireNonNull(values.get(Activations.LOGITS));
  }

  /** The node that computes a node's first input, where no other reads that. */
  @Nullable Node onlyFor(Node node) {
    for (Node before : nodes) {
      if (before.output().equals(node.inputs().get(0))) {
        return readers(before).size() == 1 ? before : null;
      }
    }
    return null;
  }

  private List<Node> readers(Node node) {
    return nodes.stream().filter(reader -> reader.inputs().contains(node.output())).toList();
  }

  private static final class Recorder implements ForwardPass.LayerObserver {
    private final Set<Tensor> weights = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Tensor> computed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final IdentityHashMap<Tensor, String> names = new IdentityHashMap<>();
    private final Map<String, Tensor> representations = new LinkedHashMap<>();
    private final List<Computed> steps = new ArrayList<>();

    /**
     * How often each value had been written to when it was made: one that changes in place is
     * another.
     */
    private final IdentityHashMap<Tensor, Long> versions = new IdentityHashMap<>();

    private boolean isWhole = true;

    private record Computed(Operation operation, List<Tensor> inputs, Tensor output) {}

    Recorder(Tensor images, State state) {
      names.put(images, IMAGES);
      versions.put(images, images._version());
      weights.addAll(state.all().values());
    }

    @Override
    public void computed(Operation operation, List<Tensor> inputs, Tensor output) {
      isWhole &= weights.containsAll(operation.tensors());
      isWhole &= inputs.stream().allMatch(in -> computed.contains(in) || names.containsKey(in));
      computed.add(output);
      versions.put(output, output._version());
      steps.add(new Computed(operation, inputs, output));
    }

    @Override
    public void named(String name, Tensor output) {
      isWhole &= computed.contains(output) && !name.equals(IMAGES);
      Tensor before = representations.put(name, output);
      if (before != null && name.equals(names.get(before))) {
        names.remove(before); // of a layer that is computed twice, the last has its name
      }
      names.put(output, name);
    }

    /** Whether all that was computed went through here. */
    boolean isWhole() {
      return isWhole
          && versions.entrySet().stream()
              .allMatch(value -> value.getKey()._version() == value.getValue());
    }

    Graph graph() {
      Set<String> taken = new HashSet<>(names.values());
      taken.addAll(representations.keySet());
      List<Node> nodes = new ArrayList<>();
      for (Computed step : steps) {
        String output = names.computeIfAbsent(step.output, tensor -> free(step.operation, taken));
        nodes.add(
            new Node(
                step.operation,
                step.inputs.stream().map(names::get).toList(),
                output,
                NetworkSummary.withoutBatch(step.output)));
      }
      Map<String, String> named = new LinkedHashMap<>();
      representations.forEach((name, tensor) -> named.put(name, names.get(tensor)));
      return new Graph(List.copyOf(nodes), Collections.unmodifiableMap(named));
    }

    /** {@code relu}, {@code relu.2}, … */
    private static String free(Operation operation, Set<String> taken) {
      String kind =
          operation instanceof Operation.Activation activation
              ? activation.name()
              : operation.getClass().getSimpleName();
      String base = kind.toLowerCase(Locale.ROOT);
      String name = base;
      for (int i = 2; !taken.add(name); i++) {
        name = base + "." + i;
      }
      return name;
    }
  }
}
