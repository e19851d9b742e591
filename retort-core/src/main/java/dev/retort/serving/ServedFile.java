package dev.retort.serving;

import dev.retort.data.ImageShape;
import java.nio.file.Path;

/**
 * An ONNX file and an image that it is asked about.
 *
 * @param image the shape, for the dimensions that the file leaves open
 * @param channelsLast whether its input is {@code [N, H, W, C]}, where its shape does not show that
 * @param most the time of a call in seconds beyond which {@link ServingProcess#timeSingle} times it
 *     no further than its warm-up
 */
public record ServedFile(Path file, ImageShape image, boolean channelsLast, double most) {
  /** A file of {@code [N, C, H, W]} that is timed however long a call takes. */
  public ServedFile(Path file, ImageShape image) {
    this(file, image, false, Double.POSITIVE_INFINITY);
  }
}
