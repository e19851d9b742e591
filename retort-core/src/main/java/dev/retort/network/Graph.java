package dev.retort.network;

import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * What a network computes of a batch in evaluation, operation by operation, in order: what an
 * export writes down. Values have names: {@link #IMAGES} and {@link Activations#LOGITS} are the
 * ends, those that the network names keep that name ({@code layer1.0.conv1}, {@code stage:1},
 * {@code embedding}), the others are called after their operation.
 */
public record Graph(List<Node> nodes) {
  /** The name of what goes in: {@code [N, C, H, W]}, normalised. */
  public static final String IMAGES = "images";

  /**
   * One operation.
   *
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
   *     ForwardPass#apply}
   */
  public static Graph of(Network network) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor blank = NetworkSummary.blankImage(network);
      Recorder recorder = new Recorder(network.name());
      recorder.names.put(blank, IMAGES);
      Tensor logits =
          network.forward(
              blank, new ForwardPass(false, Set.of(), network.state().type(), recorder));
      recorder.named(Activations.LOGITS, logits);
      return new Graph(recorder.nodes());
    }
  }

  private static final class Recorder implements ForwardPass.LayerObserver {
    private final String network;
    private final IdentityHashMap<Tensor, String> names = new IdentityHashMap<>();
    private final Set<Tensor> computed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Computed> steps = new ArrayList<>();

    private record Computed(Operation operation, List<Tensor> inputs, Tensor output) {}

    Recorder(String network) {
      this.network = network;
    }

    @Override
    public void computed(Operation operation, List<Tensor> inputs, Tensor output) {
      for (Tensor input : inputs) {
        if (!computed.contains(input) && !names.containsKey(input)) {
          throw notRecorded();
        }
      }
      computed.add(output);
      steps.add(new Computed(operation, inputs, output));
    }

    @Override
    public void named(String name, Tensor output) {
      if (!computed.contains(output)) {
        throw notRecorded();
      }
      names.put(output, name);
    }

    private IllegalArgumentException notRecorded() {
      return new IllegalArgumentException(
          "network "
              + network
              + " cannot be exported: it computes by other means than ForwardPass.apply, and only"
              + " what goes through that can be written down");
    }

    List<Node> nodes() {
      Set<String> taken = new HashSet<>(names.values());
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
      return List.copyOf(nodes);
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
