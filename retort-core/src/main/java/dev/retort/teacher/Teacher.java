package dev.retort.teacher;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.network.Activations;
import dev.retort.network.State;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A frozen classifier of any origin: f(w_t, x) with w_t found beforehand. */
public interface Teacher extends AutoCloseable {
  /** What to call it in output. */
  String name();

  /** SHA-256, in hexadecimal, of its weights and of everything else that its outputs depend on. */
  String digest();

  /**
   * What computes its outputs beside LibTorch: name and version of another runtime, or a digest of
   * a user's code; empty for neither.
   */
  default String runtime() {
    return "";
  }

  /**
   * Whether the last bits of its outputs depend on which of its representations are asked for: ONNX
   * Runtime fuses what lies around a value only where nobody reads the value.
   */
  default boolean outputsDependOnTaps() {
    return false;
  }

  /**
   * The shapes of its representations by name, without the batch dimension, {@code logits}
   * included.
   */
  Map<String, long[]> shapes();

  /**
   * Its parameters w_t and buffers, live; null if it is not a network of ours and they are not at
   * hand.
   */
  default @Nullable State state() {
    return null;
  }

  /** The number of its parameters; null if it is not known. */
  default @Nullable Long parameters() {
    return null;
  }

  /** Multiply-accumulates an image; null if they are not known. */
  default @Nullable Long macs() {
    return null;
  }

  /** Gives back what it holds outside of any scope; it is of no use then. */
  @Override
  default void close() {}

  /**
   * What its last layer makes of an embedding: {@code [N, d]} to logits {@code [N, classes]},
   * differentiable in the embedding; null if it is not at hand.
   */
  default @Nullable UnaryOperator<Tensor> classifier() {
    return null;
  }

  /**
   * Whether it can say something of all images of a data set.
   *
   * @param augmentation how they are varied
   */
  default boolean knows(Dataset images, Augmentation augmentation) {
    return true;
  }

  /**
   * Its representations of a batch, without gradient, on the device of the batch's images.
   *
   * @param taps the names of the representations wanted; {@code logits}, which are there in any
   *     case, may be among them
   * @throws IllegalArgumentException if it has no representation of such a name
   */
  Activations activations(Batch batch, Set<String> taps);
}
