package dev.retort.data;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a training image is varied. Every choice is a function of (data seed, view, image), so that
 * the same view of an image is the same pixels in every run.
 *
 * @param shift the largest translation in pixels, in each direction; 0 for none
 * @param padding what comes in at the edge under translation
 * @param flip whether and how images are mirrored; {@code alternating} mirrors a random half of
 *     them in even views and the others in odd views
 * @param cutout the side in pixels of the square that is set to the mean; 0 for none
 * @param randomResizedCrop shows a random part of each picture, as for ImageNet, before all else (a
 *     shift, too, which torchvision's has not: 0 leaves it out); null for the middle
 */
public record Augmentation(
    int shift,
    Padding padding,
    Flip flip,
    int cutout,
    @Nullable RandomResizedCrop randomResizedCrop) {
  /** What comes in at the edge when an image is shifted. */
  public enum Padding {
    /** The image mirrored at its edge, the edge itself not repeated. */
    REFLECT,
    /** Black: the literature pads before it normalises. */
    ZERO
  }

  /** Mirroring of left and right. */
  public enum Flip {
    NONE,
    /** With probability one half, independently in each view. */
    RANDOM,
    /**
     * A random half of the images in even views and the others in odd views (Jordan 2024,
     * airbench).
     */
    ALTERNATING
  }

  /** Without a random crop. */
  public Augmentation(int shift, Padding padding, Flip flip, int cutout) {
    this(shift, padding, flip, cutout, null);
  }

  /** No variation: evaluation. */
  public static final Augmentation NONE = new Augmentation(0, Padding.ZERO, Flip.NONE, 0);

  /** The literature's for CIFAR: a shift of up to 4 pixels into black, and a random flip. */
  public static final Augmentation STANDARD = new Augmentation(4, Padding.ZERO, Flip.RANDOM, 0);

  public Augmentation {
    if (shift < 0 || cutout < 0) {
      throw new IllegalArgumentException(
          "shift and cutout must not be negative: " + shift + ", " + cutout);
    }
  }

  /**
   * Checks that images of a shape can be varied so.
   *
   * @throws IllegalArgumentException if a shift under reflection or a cutout is larger than they
   */
  public void requireFitting(ImageShape shape) {
    int side = Math.min(shape.height(), shape.width());
    if (padding == Padding.REFLECT && shift >= side) {
      throw new IllegalArgumentException(
          "a shift of %s cannot be reflected in images of %s; take at most %s, or padding: zero"
              .formatted(shift, shape, side - 1));
    }
    if (cutout > side) {
      throw new IllegalArgumentException(
          "a cutout of %s is larger than images of %s; take at most %s"
              .formatted(cutout, shape, side));
    }
  }

  /** Whether it changes any image. */
  public boolean varies() {
    return shift > 0 || flip != Flip.NONE || cutout > 0 || randomResizedCrop != null;
  }

  /** Part of the keys of views: without a crop it is what it was before there were any. */
  @Override
  public String toString() {
    String crop = randomResizedCrop == null ? "" : ", randomResizedCrop=" + randomResizedCrop;
    return String.format(
        Locale.ROOT,
        "Augmentation[shift=%d, padding=%s, flip=%s, cutout=%d%s]",
        shift,
        padding,
        flip,
        cutout,
        crop);
  }
}
