package dev.retort.weights;

import dev.retort.data.ChannelStatistics;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one must know of a trained network beside its weights to use it.
 *
 * @param classNames in the order of the logits, at least 2
 * @param statistics by which images are normalised before they reach it
 * @param provenance where it comes from, in free words: data, configuration, seed, versions
 */
public record ModelInfo(
    List<String> classNames, ChannelStatistics statistics, Map<String, String> provenance) {
  public ModelInfo {
    if (classNames.size() < 2) {
      throw new IllegalArgumentException(
          "a model needs at least 2 classes, not " + classNames.size());
    }
    classNames = List.copyOf(classNames);
    provenance = Collections.unmodifiableMap(new TreeMap<>(provenance));
  }
}
