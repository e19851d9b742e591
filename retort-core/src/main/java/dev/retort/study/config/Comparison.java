package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

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

  /** {method, baseline}. */
  @JsonValue
  public List<String> pair() {
    return List.of(method, baseline);
  }
}
