package dev.retort.network;

import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
  private final @Nullable LayerObserver observer;
  private final @Nullable FoldedConvolutions folded;
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();

  /** {@code type} is the one in which tapped representations are handed out. */
  ForwardPass(
      boolean training, Set<String> taps, ScalarType type, @Nullable LayerObserver observer) {
    this(training, taps, type, observer, null);
  }

  private ForwardPass(
      boolean training,
      Set<String> taps,
      ScalarType type,
      @Nullable LayerObserver observer,
      @Nullable FoldedConvolutions folded) {
    this.training = training;
    this.taps = taps;
    this.type = type;
    this.observer = observer;
    this.folded = folded;
  }

  /**
   * Runs a network in the given precision.
   *
   * @param images {@code [N, C, H, W]}, normalised
   * @param training whether batch normalisation takes the batch's statistics and updates the
   *     running ones
   * @param taps the names of the representations wanted beside the logits
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
    ForwardPass pass = new ForwardPass(training, taps, precision.parameterType(), null);
    return pass.run(network, images, precision, device);
  }

  /** The same in evaluation mode, with convolutions that the normalisation is folded into. */
  static Activations run(
      Network network,
      FoldedConvolutions folded,
      Tensor images,
      Set<String> taps,
      Precision precision,
      Device device) {
    ForwardPass pass = new ForwardPass(false, taps, precision.parameterType(), null, folded);
    return pass.run(network, images, precision, device);
  }

  private Activations run(Network network, Tensor images, Precision precision, Device device) {
    Tensor logits = precision.run(device, () -> network.forward(images, this));
    for (String tap : taps) {
      if (!outputs.containsKey(tap) && !tap.equals(Activations.LOGITS)) {
        throw new IllegalArgumentException(
            "network " + network.name() + " has no layer '" + tap + "'");
      }
    }
    return new Activations(logits.to(precision.parameterType()), outputs);
  }

  /** Whether batch normalisation takes the batch's statistics. */
  public boolean isTraining() {
    return training;
  }

  /** Whether the representation is to be kept. */
  boolean taps(String name) {
    return taps.contains(name);
  }

  /** The convolutions with folded normalisation; null where both are computed. */
  @Nullable FoldedConvolutions folded() {
    return folded;
  }

  /** The layer's convolution fused with what follows; null where that is computed for itself. */
  @Nullable FusedConvolution fused(NormalizedConvolution layer) {
    return folded == null ? null : folded.fused(layer);
  }

  /** Whether an image's outputs must be the same wherever in a batch it stands. */
  boolean alikeForAll() {
    return folded != null && folded.alikeForAll();
  }

  /** Tells an observing pass of a convolution and the normalisation after it. */
  void normalized(NormalizedConvolution layer) {
    if (observer != null) {
      observer.normalized(layer);
    }
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
    Tensor wide = tensor.to(type);
    outputs.put(name, wide);
    return wide.to(tensor.scalar_type());
  }

  /**
   * Computes one operation. A network that computes everything by this method, or by layers that
   * do, can be exported.
   */
  public Tensor apply(Operation operation, Tensor... inputs) {
    Tensor result = operation.compute(inputs);
    if (observer != null) {
      observer.computed(operation, List.of(inputs), result);
    }
    return result;
  }

  /**
   * Computes a part of the network, of which only the result, a new tensor, is needed further on. A
   * frozen network's pass frees the rest at once, so that the next part finds its memory in the
   * processor's cache.
   */
  Tensor part(Supplier<Tensor> part) {
    if (folded == null) {
      return part.get();
    }
    Set<String> before = Set.copyOf(outputs.keySet());
    try (TensorScope scope = TensorScope.open()) {
      Tensor result = part.get();
      outputs.forEach(
          (name, output) -> {
            if (!before.contains(name)) {
              scope.keep(output);
            }
          });
      return scope.keep(result);
    }
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

  /** Sees what a pass computes, layer by layer. */
  interface LayerObserver {
    default void named(String name, Tensor output) {}

    /** {@code macs} are multiply-accumulates for one image. */
    default void layer(String name, LayerKind kind, long macs, Tensor output) {}

    /** A convolution with the normalisation after it. */
    default void normalized(NormalizedConvolution layer) {}

    default void computed(Operation operation, List<Tensor> inputs, Tensor output) {}
  }
}
