package dev.retort.network;

import org.bytedeco.pytorch.Tensor;

/** A network whose initial weights depend on training images. */
public interface DataInitialized {
  /**
   * Finishes the initialisation, before the first step.
   *
   * @param images {@code [N, C, H, W]}, normalised, without augmentation; a few thousand
   */
  void initialize(Tensor images);
}
