package dev.retort.network;

import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One run of a network over one batch: whether it trains, and which representations are to be kept.
 */
public final class ForwardPass {
  private final boolean training;
  private final Set<String> taps;
  private final ScalarType type;
  private final Arithmetic arithmetic;
  private final @Nullable LayerObserver observer;
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();

  /** The copy that is handed out of each value that the network goes on with. */
  private final IdentityHashMap<Tensor, Tensor> copies = new IdentityHashMap<>();

  /** {@code type} is the one in which tapped representations are handed out. */
  private ForwardPass(
      boolean training,
      Set<String> taps,
      ScalarType type,
      Arithmetic arithmetic,
      @Nullable LayerObserver observer) {
    this.training = training;
    this.taps = taps;
    this.type = type;
    this.arithmetic = arithmetic;
    this.observer = observer;
  }

  /**
   * Runs a network in the given precision.
   *
   * @param images {@code [N, C, H, W]}, normalised
   * @param training whether batch normalisation takes the batch's statistics and updates the
   *     running ones
   * @param taps the names of the representations wanted; {@code logits}, which are there in any
   *     case, may be among them
   * @param device where the network and the images are
   * @return logits and taps, in fp32 (fp64 where the precision is that)
   * @throws IllegalArgumentException if the network has no representation of a name in {@code taps}
   */
  public static Activations run(
      Network network,
      Tensor images,
      boolean training,
      Set<String> taps,
      Precision precision,
      Device device) {
    return run(network, images, training, taps, precision, device, Operation::compute);
  }

  /** The same, with operations computed in another way than their own. */
  static Activations run(
      Network network,
      Tensor images,
      boolean training,
      Set<String> taps,
      Precision precision,
      Device device,
      Arithmetic arithmetic) {
    ScalarType type = precision.parameterType();
    ForwardPass pass = new ForwardPass(training, taps, type, arithmetic, null);
    Tensor logits = precision.run(device, () -> network.forward(images, pass));
    requireAll(taps, pass.outputs.keySet(), network);
    return new Activations(logits.to(type), pass.outputs);
  }

  /**
   * A network as it is now, in evaluation, for many batches: a value that nothing reads any more is
   * freed at once, so that the next one finds its memory in the processor's cache. The numbers are
   * those of {@link #run}. Call it under {@code NoGrad}; what is asked for belongs to the innermost
   * open scope.
   *
   * @throws IllegalArgumentException if the network has no representation of a name in {@code taps}
   */
  public static Function<Tensor, Activations> evaluation(
      Network network, Set<String> taps, Precision precision, Device device) {
    Optional<Graph> recorded =
        network.state().parameters().isEmpty() ? Optional.empty() : Graph.recorded(network);
    FrozenGraph graph =
        recorded.map(made -> new FrozenGraph(made, false, Operation::compute)).orElse(null);
    if (graph == null) {
      return images -> run(network, images, false, taps, precision, device);
    }
    requireAll(taps, graph.representations(), network);
    ScalarType type = precision.parameterType();
    return images -> precision.run(device, () -> graph.run(images, taps, type));
  }

  /** Refuses taps that are neither the logits nor among a network's representations. */
  static void requireAll(Set<String> taps, Set<String> representations, Network network) {
    for (String tap : taps) {
      if (!representations.contains(tap) && !tap.equals(Activations.LOGITS)) {
        throw new IllegalArgumentException(
            "network %s has no layer '%s'".formatted(network.name(), tap));
      }
    }
  }

  /** Runs a network on a blank image in evaluation mode, and gives the logits. */
  static Tensor observe(Network network, Tensor blank, LayerObserver observer) {
    ScalarType type = network.state().type();
    return network.forward(
        blank, new ForwardPass(false, Set.of(), type, Operation::compute, observer));
  }

  /** Whether batch normalisation takes the batch's statistics. */
  public boolean isTraining() {
    return training;
  }

  /**
   * Names a representation. Networks call it for every layer, stage and embedding, and go on with
   * what it returns.
   *
   * @return the same values: where the representation is tapped, by way of the wider copy that the
   *     objectives read, so that the gradients of all terms of a loss meet in that copy
   */
  public Tensor tap(String name, Tensor tensor) {
    if (observer != null) {
      observer.named(name, tensor);
    }
    if (!taps.contains(name)) {
      return tensor;
    }
    Tensor known = copies.get(tensor);
    if (known != null) { // by another name, as stage:3 and layer3.0
      outputs.put(name, known);
      return tensor;
    }
    Tensor wide = tensor.to(type);
    outputs.put(name, wide);
    Tensor goneOnWith = wide.to(tensor.scalar_type());
    copies.put(goneOnWith, wide);
    return goneOnWith;
  }

  /**
   * Computes one operation. A network that computes everything by this method, or by layers that
   * do, can be exported, and is folded and fused where it is frozen.
   */
  public Tensor apply(Operation operation, Tensor... inputs) {
    Tensor result = arithmetic.compute(operation, inputs);
    if (observer != null) {
      observer.computed(operation, List.of(inputs), result);
    }
    return result;
  }

  /**
   * Tells an observing pass of a layer with weights. Our layers call it themselves; a network that
   * computes with weights of its own calls it for each, so that summaries count it.
   *
   * @param name its path in the state
   * @param macs multiply-accumulates for one image
   * @param output {@code [N, …]}
   */
  public void layer(String name, LayerKind kind, long macs, Tensor output) {
    if (observer != null) {
      observer.layer(name, kind, macs, output);
    }
  }

  /** How operations are computed. */
  interface Arithmetic {
    Tensor compute(Operation operation, Tensor... inputs);
  }

  /** Sees what a pass computes, layer by layer. */
  interface LayerObserver {
    default void named(String name, Tensor output) {}

    /** {@code macs} are multiply-accumulates for one image. */
    default void layer(String name, LayerKind kind, long macs, Tensor output) {}

    default void computed(Operation operation, List<Tensor> inputs, Tensor output) {}
  }
}
