package dev.retort.cli;

import dev.retort.data.ImageShape;
import dev.retort.teacher.ModelSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How images are brought to what a network reads. */
final class PictureOptions {
  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description =
          "The height and width of the images that networks read (default: what a model file of"
              + " Retort's records, or else the images' own, if all have one size).")
  @Nullable Integer size;

  @Option(
      names = "--resize",
      paramLabel = "PIXELS",
      description =
          "What the shorter side of pictures is scaled to before the middle is cut out, at least"
              + " the size (default: what a model file of Retort's records, or else the size).")
  @Nullable Integer resize;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description =
          "3, or 1, which makes pictures grey (default: what a model file of Retort's records, or"
              + " else 3; those of IDX and CIFAR files are their own).")
  @Nullable Integer channels;

  /** What was given, and the rest from another shape. */
  ImageShape shapeFrom(ImageShape other) {
    return new ImageShape(
        channels == null ? other.channels() : channels,
        size == null ? other.height() : size,
        size == null ? other.width() : size);
  }

  /**
   * What was given, or else what a model's file records of how it saw pictures.
   *
   * @param size of what it is shown; null where that is not known
   */
  @Nullable Integer resizeFor(ModelSource model, @Nullable Integer size) {
    return resize != null || size == null ? resize : model.resize(size);
  }

  /**
   * Refuses a size and channels that a model does not read, and less than it to cut them out of.
   *
   * @param input what it reads
   */
  void requireInput(ModelSource model, ImageShape input) {
    boolean size = this.size != null && (this.size != input.height() || this.size != input.width());
    boolean channels = this.channels != null && this.channels != input.channels();
    if (size || channels) {
      throw new IllegalArgumentException(
          "%s reads images of %s, and %s: leave it out"
              .formatted(
                  model,
                  input,
                  size ? "--size is " + this.size : "--channels is " + this.channels));
    }
    if (resize != null
        && (resize < Math.max(input.height(), input.width()) || resize > ImageShape.LARGEST_SIDE)) {
      throw new IllegalArgumentException(
          "%s reads images of %s, and --resize is %s: it is at least their size, and at most %s"
              .formatted(model, input, resize, ImageShape.LARGEST_SIDE));
    }
  }
}
