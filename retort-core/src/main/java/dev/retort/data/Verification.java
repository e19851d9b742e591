package dev.retort.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What reading every image of a data set has shown; what could not be read was a {@link
 * DataException} before.
 *
 * @param splits the images, where {@code sizes} is not null in a nominal shape
 * @param warnings of what a training on them would suffer from, a sentence each
 * @param sizes that the images have several sizes, and what to do, in a sentence; null where a size
 *     was given or all have the same
 */
public record Verification(Splits splits, List<String> warnings, @Nullable String sizes) {
  public Verification {
    warnings = List.copyOf(warnings);
  }
}
