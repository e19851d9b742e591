package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.network.Networks;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A student. YAML: the network's name alone, or {@code {network: resnet8, init: teacher, name:
 * resnet8-from-teacher}}.
 *
 * @param network a network's name; required
 * @param init its initial weights: {@link #RANDOM}, {@link #TEACHER}, or MODEL, of which what has
 *     the same names and shapes is taken
 * @param name what the study calls it, and what folders of runs begin with; the network's name
 *     unless given
 */
public record StudentConfiguration(
    @JsonProperty(required = true) String network, String init, @Nullable String name) {
  /** Initial weights drawn by the run's seed. */
  public static final String RANDOM = "random";

  /** Initial weights projected from the teacher's. */
  public static final String TEACHER = "teacher";

  @JsonCreator
  public StudentConfiguration {
    Networks.require(network);
    name = name == null ? network : name;
    MethodConfiguration.requireFileName("name", name);
    if (init.isBlank()) {
      throw new IllegalArgumentException("init must be random, teacher or a model, not empty");
    }
  }

  /** A student with random initial weights, under its network's name. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static StudentConfiguration of(String network) {
    return new StudentConfiguration(network, RANDOM, network);
  }

  @Override
  public String name() {
    return Objects.requireNonNull(name);
  }

  /** Whether its initial weights are those of a model. */
  public boolean startsFromModel() {
    return !init.equals(RANDOM) && !init.equals(TEACHER);
  }
}
