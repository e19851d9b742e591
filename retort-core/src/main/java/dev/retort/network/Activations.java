package dev.retort.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

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
          "no representation '%s' here, only logits and %s"
              .formatted(name, new TreeSet<>(hidden.keySet())));
    }
    return tensor;
  }

  /**
   * Those of several parts of a batch, one after the other, which have the same names.
   *
   * @param parts at least one
   */
  public static Activations concatenated(List<Activations> parts) {
    Activations first = parts.get(0);
    if (parts.size() == 1) {
      return first;
    }
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    first.hidden().keySet().forEach(name -> hidden.put(name, concatenated(parts, name)));
    return new Activations(concatenated(parts, LOGITS), hidden);
  }

  private static Tensor concatenated(List<Activations> parts, String name) {
    return torch.cat(
        new TensorVector(parts.stream().map(part -> part.get(name)).toArray(Tensor[]::new)));
  }

  /** The same with every tensor replaced. */
  public Activations map(UnaryOperator<Tensor> change) {
    Map<String, Tensor> changed = new LinkedHashMap<>();
    hidden.forEach((name, tensor) -> changed.put(name, change.apply(tensor)));
    return new Activations(change.apply(logits), changed);
  }
}
