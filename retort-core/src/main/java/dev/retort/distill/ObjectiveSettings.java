package dev.retort.distill;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration says of one entry in a method's list of objectives. Each objective's file
 * has a record of this type, whose components are the YAML's keys; a key that is left out arrives
 * as null (or is a primitive's default, which the record's compact constructor cannot tell from 0,
 * so optional numbers are boxed), and the compact constructor puts the paper's default in its place
 * and rejects what is out of range with an {@link IllegalArgumentException} that names the key.
 * Such a record is {@link org.jspecify.annotations.NullUnmarked}: no annotation says that null may
 * go into a constructor and does not come out of the accessor.
 */
public interface ObjectiveSettings {
  /**
   * The objectives for one pair of networks: one as a rule, and a cross-entropy beside it where the
   * paper mixes the two.
   *
   * @throws IllegalArgumentException if the pair lacks a layer that is read, or shapes cannot be
   *     matched
   */
  List<Objective> build(Pairing pairing);

  /**
   * The value, if it is positive and finite.
   *
   * @throws IllegalArgumentException if it is not, with the key
   */
  static double positive(String key, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(key + " must be positive, not " + value);
    }
    return value;
  }

  /**
   * The value, if it is at least 0 and finite: a term's factor, which below 0 would drive the
   * student away from what the term asks for.
   *
   * @throws IllegalArgumentException if it is not, with the key
   */
  static double notNegative(String key, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(key + " must be 0 or more, not " + value);
    }
    return value;
  }

  /**
   * The layers that an objective compares; those of its paper if none are named.
   *
   * @throws IllegalArgumentException if the list is there and empty
   */
  static List<LayerPair> layers(@Nullable List<LayerPair> on, String... inThePaper) {
    if (on == null) {
      return Stream.of(inThePaper).map(LayerPair::of).toList();
    }
    if (on.isEmpty()) {
      throw new IllegalArgumentException("on must name at least one layer");
    }
    return List.copyOf(on);
  }
}
