package dev.retort.serving;

import dev.retort.data.ImageShape;
import java.nio.file.Path;

/**
 * An ONNX file and an image that it is asked about.
 *
 * @param image the shape, for the dimensions that the file leaves open
 */
public record ServedFile(Path file, ImageShape image) {}
