package dev.retort.serving;

import org.jspecify.annotations.Nullable;

/**
 * What was measured of one file.
 *
 * @param single calls with one image; null for a file that takes only batches of another size
 * @param batch calls with {@link Timing#BATCH} images; null likewise, or where none were asked for
 */
public record Timings(@Nullable Timing single, @Nullable Timing batch) {
  /** How many images go through in batches; null where these were not timed. */
  public @Nullable Double imagesPerSecond() {
    return batch == null ? null : Timing.BATCH / batch.p50();
  }
}
