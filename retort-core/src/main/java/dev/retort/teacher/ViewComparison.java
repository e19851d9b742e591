package dev.retort.teacher;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a model did under the usual views of the same validation images.
 *
 * @param images how many; 0 where none has a label, or the model is too slow for enough of them
 * @param candidates the view that it gets, and then the others
 * @param better the name of the view to write instead; null where no {@code low} is above 0
 */
public record ViewComparison(int images, List<Candidate> candidates, @Nullable String better) {
  /**
   * One view.
   *
   * @param name what sets it apart: {@code 0 … 1}, {@code ImageNet's, BGR}
   * @param keys of a teacher's configuration that differ from the view that it gets, with their
   *     values
   * @param accuracy in [0, 1]
   * @param low the lower bound, in [−1, 1], of its accuracy less that in the view that it gets,
   *     paired by images; the bounds of all candidates hold together with 99 %; null of the first
   */
  public record Candidate(
      String name, Map<String, Object> keys, double accuracy, @Nullable Double low) {}

  public ViewComparison {
    candidates = List.copyOf(candidates);
  }

  /** Without a result. */
  static ViewComparison none() {
    return new ViewComparison(0, List.of(), null);
  }

  /**
   * That another view is better, and how to write it; null where none is.
   *
   * @param model what the caller calls it
   */
  @Nullable String warning(String model) {
    for (Candidate candidate : candidates) {
      if (candidate.name().equals(better)) {
        return warning(model, candidates.get(0), candidate);
      }
    }
    return null;
  }

  private String warning(String model, Candidate own, Candidate other) {
    String yaml =
        other.keys().entrySet().stream()
            .map(key -> key.getKey() + ": " + key.getValue())
            .collect(Collectors.joining(", "));
    String overrides =
        other.keys().entrySet().stream()
            .map(key -> "-o 'teacher." + key.getKey() + "=" + key.getValue() + "'")
            .collect(Collectors.joining(" "));
    return String.format(
        Locale.ROOT,
        "%s decides %.1f %% of %d validation images right in the view that it gets (%s), and %.1f %% in another (%s): at least %.1f points more (99 %%, the same images, %d views compared). Unless its maker gives other values, write teacher: {model: …, %s} or %s; a file for --view has the same keys",
        model,
        100 * own.accuracy(),
        images,
        own.name(),
        100 * other.accuracy(),
        other.name(),
        100 * orZero(other.low()),
        candidates.size(),
        yaml,
        overrides);
  }

  private static double orZero(@Nullable Double value) {
    return value == null ? 0 : value;
  }
}
