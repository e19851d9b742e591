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
   * The value, if it is a temperature T that logits may be divided by: from 0.01 to 1000.
   *
   * <p>In fp32 a gradient through softmax(z / T) then keeps three digits at least. Below, the
   * softmax has one class and the gradient, which is T · (q − p), vanishes; T = 1e-37 makes z / T
   * infinite. Above, q − p is the rounding of probabilities that are nearly 1 / classes: at 1e4 the
   * value has no digit left, and at 1e20 T² is infinite.
   *
   * @throws IllegalArgumentException if it is not, with the key
   */
  static double temperature(String key, double value) {
    return within(key, value, 0.01, 1000);
  }

  /**
   * The value, if it is a power of probabilities: from 0.001 to 100, the reciprocals of {@link
   * #temperature}'s range, since the power γ of a softmax is that of T = 1 / γ.
   *
   * @throws IllegalArgumentException if it is not, with the key
   */
  static double power(String key, double value) {
    return within(key, value, 0.001, 100);
  }

  /**
   * The value, if it lies in a range, both ends included.
   *
   * @throws IllegalArgumentException if it does not, with the key
   */
  static double within(String key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s must be from %s to %s, not %s".formatted(key, least, most, value));
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
