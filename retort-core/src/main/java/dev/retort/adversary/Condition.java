package dev.retort.adversary;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What a discriminator knows of the images beside the representations that it judges.
 *
 * @param labels {@code [N]} of 64-bit integers, {@link dev.retort.data.Dataset#UNLABELLED} where
 *     there is none; null where the representation is not of images (kernels)
 * @param partner the teacher's representation of another augmentation of the same images, encoded,
 *     in the shape of what is judged; null unless D reads pairs
 */
public record Condition(@Nullable Tensor labels, @Nullable Tensor partner) {
  /** Nothing is known. */
  public static final Condition NONE = new Condition(null, null);

  /**
   * The labels.
   *
   * @throws IllegalStateException if there are none
   */
  public Tensor requireLabels() {
    return require(labels, "labels");
  }

  /**
   * The partners.
   *
   * @throws IllegalStateException if there are none
   */
  public Tensor requirePartner() {
    return require(partner, "partners");
  }

  private static Tensor require(@Nullable Tensor tensor, String what) {
    if (tensor == null) {
      throw new IllegalStateException("this representation comes without " + what);
    }
    return tensor;
  }

  /** The rows of those numbers. */
  Condition rows(Tensor index) {
    return new Condition(rows(labels, index), rows(partner, index));
  }

  private static @Nullable Tensor rows(@Nullable Tensor tensor, Tensor index) {
    return tensor == null ? null : tensor.index_select(0, index);
  }

  /** The rows from one on. */
  Condition rows(long first, long count) {
    return new Condition(
        labels == null ? null : labels.narrow(0, first, count),
        partner == null ? null : partner.narrow(0, first, count));
  }

  /** These rows and then the other's. */
  Condition and(Condition other) {
    return new Condition(and(labels, other.labels), and(partner, other.partner));
  }

  private static @Nullable Tensor and(@Nullable Tensor one, @Nullable Tensor other) {
    return one == null || other == null ? null : torch.cat(new TensorVector(one, other), 0);
  }
}
