package dev.retort.network;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * What a network computes of a batch: its logits and the hidden representations that were asked
 * for.
 *
 * @param logits {@code [N, classes]}, before any softmax
 * @param hidden by name: {@code embedding} is {@code [N, d]}, {@code stage:N} and other layers are
 *     usually {@code [N, C, H, W]}
 */
public record Activations(Tensor logits, Map<String, Tensor> hidden) {
  /** The name of the logits where a representation is named. */
  public static final String LOGITS = "logits";

  /** The name of the pooled vector before the classifier. */
  public static final String EMBEDDING = "embedding";

  /** The name of the feature map at the end of a stage, counted from 1. */
  public static String stage(int number) {
    return "stage:" + number;
  }

  /**
   * The name of what the activation at the end of a stage was applied to; networks without such a
   * place do not have it.
   */
  public static String preactivation(int stage) {
    return stage(stage) + ":preactivation";
  }

  /**
   * A representation by its name.
   *
   * @throws IllegalArgumentException if it was not computed, with the names of those that were
   */
  public Tensor get(String name) {
    if (name.equals(LOGITS)) {
      return logits;
    }
    Tensor tensor = hidden.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "no representation '"
              + name
              + "' here, only logits and "
              + new TreeSet<>(hidden.keySet()));
    }
    return tensor;
  }

  /** The same with every tensor replaced. */
  public Activations map(UnaryOperator<Tensor> change) {
    Map<String, Tensor> changed = new LinkedHashMap<>();
    hidden.forEach((name, tensor) -> changed.put(name, change.apply(tensor)));
    return new Activations(change.apply(logits), changed);
  }
}
