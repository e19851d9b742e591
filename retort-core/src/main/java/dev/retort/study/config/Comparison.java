package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Optional;

/**
 * A method to be compared with another, runs paired by seed. YAML: {@code [method, baseline]}.
 *
 * @param method the name of the one whose gain is asked for
 * @param baseline the name of the other
 */
public record Comparison(String method, String baseline) {
  public Comparison {
    if (method.equals(baseline)) {
      throw new IllegalArgumentException("'" + method + "' is compared with itself");
    }
  }

  /** The two names as a pair. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Comparison of(List<String> pair) {
    if (pair.size() != 2) {
      throw new IllegalArgumentException(
          "a comparison is a pair [method, baseline], not " + pair.size() + " names");
    }
    return new Comparison(pair.get(0), pair.get(1));
  }

  /** The other method of the pair; none if this one is not in it. */
  public Optional<String> other(String name) {
    return name.equals(method)
        ? Optional.of(baseline)
        : name.equals(baseline) ? Optional.of(method) : Optional.empty();
  }

  /** {method, baseline}. */
  @JsonValue
  public List<String> pair() {
    return List.of(method, baseline);
  }
}
