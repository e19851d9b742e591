package dev.retort.network;

import dev.retort.data.ImageShape;
import org.bytedeco.pytorch.Tensor;

/** A classifier of images, differentiable in its parameters: f(w, x) in the talk. */
public interface Network {
  /** The name that creates it again: {@code resnet20}. */
  String name();

  /** The images that it reads. */
  ImageShape input();

  /** The number of classes. */
  int classes();

  /** Its parameters w and its buffers (the running statistics of batch normalisation), live. */
  State state();

  /**
   * Computes the logits and, through {@link ForwardPass#tap}, every named representation that the
   * pass asks for. All networks name {@code embedding} and {@code stage:1} …, and each layer by its
   * path in the state.
   *
   * <p>Where all is computed by {@link ForwardPass#apply}, with tensors of the state, the
   * operations do not depend on the images' values: exports and frozen networks record them once.
   *
   * @param images {@code [N, C, H, W]}, normalised
   * @return logits {@code [N, classes]}
   */
  Tensor forward(Tensor images, ForwardPass pass);
}
