package dev.retort.serving;

import dev.retort.data.ImageShape;
import java.nio.file.Path;

/**
 * An ONNX file and an image that it is asked about.
 *
 * @param image the shape, for the dimensions that the file leaves open
 * @param most the time of a call in seconds beyond which {@link ServingProcess#timeSingle} times it
 *     no further than its warm-up
 */
public record ServedFile(Path file, ImageShape image, double most) {
  /** A file that is timed however long a call takes. */
  public ServedFile(Path file, ImageShape image) {
    this(file, image, Double.POSITIVE_INFINITY);
  }
}
