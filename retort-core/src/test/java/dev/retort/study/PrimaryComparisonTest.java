package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.study.config.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Two differences d ± e of each comparison have t = d / e with one degree of freedom, and so p = 1
 * − 2 atan(t) / π: 0.0635 for t = 10, 0.2048 for 3, 0.2952 for 2.
 */
class PrimaryComparisonTest {
  private static final List<Comparison> COMPARISONS =
      List.of(
          new Comparison("two", "none"),
          new Comparison("ten", "none"),
          new Comparison("three", "none"));

  private static Summary summary(@Nullable Comparison primary, String... students) {
    List<Long> seeds = List.of(1L, 2L);
    StudyPlan plan =
        new StudyPlan(
            List.of(students),
            List.of("none", "two", "three", "ten"),
            Map.of("none", seeds, "two", seeds, "three", seeds, "ten", seeds),
            Map.of(),
            COMPARISONS,
            primary,
            true,
            false,
            true);
    List<RunResult> results = new ArrayList<>();
    for (String student : students) {
      Map.of("none", 0, "two", 2, "three", 3, "ten", 10)
          .forEach(
              (method, times) -> {
                double error = times == 0 ? 0 : 0.01;
                results.add(result(student, method, 1, 0.5 + 0.01 * times - error));
                results.add(result(student, method, 2, 0.5 + 0.01 * times + error));
              });
    }
    return new SummaryBuilder(plan, results, List.of(), true, run -> null)
        .build(new Summary.DatasetSizes("data", 1, 1, 1), null);
  }

  private static RunResult result(String student, String method, long seed, double accuracy) {
    return PlannedStudy.result(student, method, seed, accuracy, accuracy);
  }

  private static void assertAdjusted(Summary summary, double... expected) {
    assertThat(summary.comparisons()).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(summary.comparisons().get(i).adjustedPValue())
          .as("row %d", i)
          .isCloseTo(expected[i], within(1e-9));
    }
  }

  private static double p(double t) {
    return 1 - 2 * Math.atan(t) / Math.PI;
  }

  @Test
  void withoutOneAllComparisonsAreOneFamily() {
    Summary summary = summary(null, "resnet8");
    assertAdjusted(summary, 2 * p(3), 3 * p(10), 2 * p(3));
    assertThat(SummaryTable.of(summary, null)).doesNotContain("‡");
  }

  @Test
  void itsProbabilityStandsAndTheOthersAreAdjustedWithoutIt() {
    Summary summary = summary(COMPARISONS.get(0), "resnet8");
    assertAdjusted(summary, p(2), 2 * p(10), p(3));
    assertThat(SummaryTable.of(summary, null))
        .contains("| two ‡ | none |", "| ten | none |", "‡ The primary comparison");
  }

  @Test
  void ofSeveralStudentsItIsAFamilyOfItsOwn() {
    assertAdjusted(
        summary(COMPARISONS.get(1), "resnet8", "resnet20"),
        4 * p(3),
        2 * p(10),
        4 * p(3),
        4 * p(3),
        2 * p(10),
        4 * p(3));
  }
}
