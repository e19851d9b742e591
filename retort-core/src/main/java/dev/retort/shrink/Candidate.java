package dev.retort.shrink;

import dev.retort.serving.Timing;
import org.jspecify.annotations.Nullable;

/**
 * A network that a student could have, with its costs before any training.
 *
 * @param network its name
 * @param macs multiply-accumulates an image; null where they are not known
 * @param bytes of its file, and of external data beside it
 * @param timing of one image; without rounds where it was clearly beyond the budget; null where its
 *     file takes no single image
 */
public record Candidate(String network, @Nullable Long macs, long bytes, @Nullable Timing timing) {
  /** Whether it was timed no further than its warm-up, being clearly beyond the budget. */
  boolean isCutShort() {
    return timing != null && timing.rounds().isEmpty();
  }
}
