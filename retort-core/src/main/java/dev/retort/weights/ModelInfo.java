package dev.retort.weights;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.ClassNames;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one must know of a trained network beside its weights to use it.
 *
 * @param classNames in the order of the logits, at least 2, no two alike
 * @param statistics by which images are normalised before they reach it
 * @param provenance where it comes from, in free words: data, configuration, seed, versions; and
 *     under {@link #HELD_OUT} what it did not learn from, under {@link #RESIZE} how it saw
 *     pictures, a number of pixels
 */
public record ModelInfo(
    List<String> classNames, ChannelStatistics statistics, Map<String, String> provenance) {
  /** The key of {@link dev.retort.data.Splits#heldOutDigest} of the data that it was trained on. */
  public static final String HELD_OUT = "heldOut";

  /**
   * The key of the length in pixels that the shorter sides of its pictures were scaled to before
   * the middle was cut out, if not to what it reads.
   */
  public static final String RESIZE = "resize";

  public ModelInfo {
    if (classNames.size() < 2) {
      throw new IllegalArgumentException(
          "a model needs at least 2 classes, not " + classNames.size());
    }
    classNames = List.copyOf(classNames);
    ClassNames.requireDistinct(classNames, "a model");
    provenance = Collections.unmodifiableMap(new TreeMap<>(provenance));
    String pixels = provenance.get(RESIZE);
    if (pixels != null && !pixels.matches("[1-9]\\d{0,8}")) {
      throw new IllegalArgumentException(RESIZE + " must be a number of pixels, not " + pixels);
    }
  }

  /** The number under {@link #RESIZE}; null if there is none. */
  public @Nullable Integer resize() {
    String pixels = provenance.get(RESIZE);
    return pixels == null ? null : Integer.valueOf(pixels);
  }
}
