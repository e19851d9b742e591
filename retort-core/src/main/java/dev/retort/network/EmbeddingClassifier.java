package dev.retort.network;

import org.bytedeco.pytorch.Tensor;

/** A network whose logits are a function of its embedding alone, as all of the zoo's are. */
public interface EmbeddingClassifier {
  /**
   * The logits that the network's last layer gives an embedding, differentiable in it.
   *
   * @param embedding {@code [N, d]}, the network's own or another of that width
   * @return {@code [N, classes]}
   */
  Tensor classify(Tensor embedding);
}
