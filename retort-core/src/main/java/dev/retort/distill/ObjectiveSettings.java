package dev.retort.distill;

import java.util.List;

/**
 * The settings of one entry in a method's list of objectives. Each objective's file has a record of
 * this type, whose components are the YAML's keys. A key that is left out has the value that the
 * {@link ObjectiveKind}'s default instance has, but a component that is {@link
 * org.jspecify.annotations.Nullable} is null then: the networks decide. The compact constructor
 * rejects what is out of range with an {@link IllegalArgumentException} that names the key.
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
   * Checks that a value is positive and finite.
   *
   * @throws IllegalArgumentException if it is not, with the key
   */
  static void positive(String key, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(key + " must be positive, not " + value);
    }
  }

  /**
   * Checks that a value is at least 0 and finite: a term's factor, which below 0 would drive the
   * student away from what the term asks for.
   *
   * @throws IllegalArgumentException if it is not, with the key
   */
  static void notNegative(String key, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(key + " must be 0 or more, not " + value);
    }
  }

  /**
   * Checks that a term has a part: with both of its factors 0 it teaches nothing.
   *
   * @throws IllegalArgumentException if not, with the keys
   */
  static void notBothZero(String key, double value, String otherKey, double other) {
    if (value == 0 && other == 0) {
      throw new IllegalArgumentException(
          "%s and %s are 0, so the term teaches nothing: set one of them, or leave the term out"
              .formatted(key, otherKey));
    }
  }

  /**
   * Checks that a value is a temperature T that logits may be divided by: from 0.01 to 1000.
   *
   * <p>In fp32 a gradient through softmax(z / T) then keeps three digits at least. Below, the
   * softmax has one class and the gradient, which is T · (q − p), vanishes; T = 1e-37 makes z / T
   * infinite. Above, q − p is the rounding of probabilities that are nearly 1 / classes: at 1e4 the
   * value has no digit left, and at 1e20 T² is infinite.
   *
   * @throws IllegalArgumentException if it is not, with the key
   */
  static void temperature(String key, double value) {
    within(key, value, 0.01, 1000);
  }

  /**
   * Checks that a value is a power of probabilities: from 0.001 to 100, the reciprocals of {@link
   * #temperature}'s range, since the power γ of a softmax is that of T = 1 / γ.
   *
   * @throws IllegalArgumentException if it is not, with the key
   */
  static void power(String key, double value) {
    within(key, value, 0.001, 100);
  }

  /**
   * Checks that a value lies in a range, both ends included.
   *
   * @throws IllegalArgumentException if it does not, with the key
   */
  static void within(String key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s must be from %s to %s, not %s".formatted(key, least, most, value));
    }
  }

  /**
   * Checks the factors that nearly every term has: its own, and that of the cross-entropy beside
   * it.
   *
   * @throws IllegalArgumentException if one of them is negative or not finite, with the key
   */
  static void weights(double weight, double crossEntropy) {
    notNegative("weight", weight);
    notNegative("crossEntropy", crossEntropy);
  }

  /**
   * The layers that an objective compares.
   *
   * @throws IllegalArgumentException if there are none
   */
  static List<LayerPair> atLeastOne(List<LayerPair> on) {
    if (on.isEmpty()) {
      throw new IllegalArgumentException("on must name at least one layer");
    }
    return List.copyOf(on);
  }
}
