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
 * @param network a network's name, of {@code retort list networks}; required
 * @param init {@code random} draws the initial weights. {@code teacher} selects kernels from the
 *     teacher's, stage by stage, or takes all of its weights where the architectures are equal.
 *     MODEL gives its weights where names and shapes agree. The rest is drawn, and the log lists it
 * @param name the name in the study, which begins the folders of its runs; null for the network's
 *     name
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
