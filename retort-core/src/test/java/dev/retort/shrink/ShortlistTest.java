package dev.retort.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.serving.Timing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Which candidates are trained: worked out by hand. */
@NullUnmarked
class ShortlistTest {
  private static Candidate candidate(String name, long macs, long bytes, double milliseconds) {
    return new Candidate(
        name, macs, bytes, new Timing(1000, milliseconds / 1e3, 1, List.of(milliseconds / 1e3)));
  }

  private static final List<Candidate> CANDIDATES =
      List.of(
          candidate("small", 12, 300_000, 0.3),
          candidate("middle", 40, 1_100_000, 0.9),
          candidate("wide", 40, 2_900_000, 0.95),
          candidate("large", 80, 2_000_000, 1.6),
          candidate("thin but slow", 90, 900_000, 1.1),
          new Candidate("takes batches only", 100L, 1000, null));

  private static List<String> names(Budget budget, int most) {
    return Shortlist.of(CANDIDATES, budget, most).stream().map(Candidate::network).toList();
  }

  private static String nearest(Budget budget) {
    return Shortlist.nearest(CANDIDATES, budget).orElseThrow().network();
  }

  @Test
  void theLargestThatMeetBothLimitsComeFirst() {
    assertThat(names(new Budget(1e-3, null), 2)).containsExactly("wide", "middle");
    assertThat(names(new Budget(1e-3, null), 9)).containsExactly("wide", "middle", "small");
    assertThat(names(new Budget(1e-3, 2_000_000L), 2)).containsExactly("middle", "small");
    assertThat(names(new Budget(1.6e-3, 2_000_000L), 2)).containsExactly("thin but slow", "large");
    assertThat(names(new Budget(0.2e-3, null), 2)).isEmpty();
  }

  /** small: 0.3 / 0.2 = 1.5 times too slow; at 100 kB it is 3 times too large, middle 11 times. */
  @Test
  void theNearestExceedsItsWorseLimitLeast() {
    assertThat(nearest(new Budget(0.2e-3, null))).isEqualTo("small");
    assertThat(nearest(new Budget(1e-3, 100_000L))).isEqualTo("small");
    assertThat(nearest(new Budget(0.01e-3, 1_000L))).isEqualTo("small");
    // 1.1 / 0.8 = 1.4 against 900 / 200 = 4.5; small: 0.3 / 0.8 and 300 / 200 = 1.5.
    assertThat(nearest(new Budget(0.8e-3, 200_000L))).isEqualTo("small");
  }

  /** In 1 ms no core makes more than 200 million products; the five smallest are timed anyway. */
  @Test
  void whatNoCoreCanDoInTheTimeIsNotTimed() {
    Map<String, Long> macs =
        Map.of(
            "a",
            10_000_000L,
            "b",
            20_000_000L,
            "c",
            30_000_000L,
            "d",
            40_000_000L,
            "e",
            150_000_000L,
            "f",
            199_000_000L,
            "g",
            201_000_000L);

    assertThat(CandidateCosts.worthTiming(macs, 1e-3))
        .containsExactlyInAnyOrder("a", "b", "c", "d", "e", "f");
    assertThat(CandidateCosts.worthTiming(macs, 1e-5))
        .containsExactlyInAnyOrder("a", "b", "c", "d", "e");
  }

  @Test
  void whatTakesLongerThanATeacherOfUnknownWorkIsLeftOut() {
    Timing teacher = new Timing(1000, 1e-3, 2e-3, List.of(1e-3));

    assertThat(CandidateCosts.slower(CANDIDATES, teacher))
        .containsExactly("large", "thin but slow");
    assertThat(CandidateCosts.slower(CANDIDATES, null)).isEmpty();
  }

  @Test
  void ofThoseWithinTheBudgetTheMostAccurateOnValidationImagesIsWritten() {
    Budget budget = new Budget(1e-3, 2_000_000L);
    Outcome good = new Outcome("good", 0.9e-3, 1_000_000, 0.89, null, 0.88, null);
    Outcome luckyOnTest = new Outcome("lucky", 0.5e-3, 1_000_000, 0.88, null, 0.90, null);
    Outcome tooSlow = new Outcome("too slow", 1.1e-3, 1_000_000, 0.92, null, 0.92, null);
    Outcome farTooSlow = new Outcome("far too slow", 2e-3, 1_000_000, 0.95, null, 0.95, null);

    assertThat(Outcome.best(List.of(luckyOnTest, tooSlow, good), budget)).isEqualTo(good);
    assertThat(Outcome.best(List.of(farTooSlow, tooSlow), budget)).isEqualTo(tooSlow);
  }

  @Test
  void aMissNamesTheValueAndTheLimit() {
    Budget budget = new Budget(1e-3, 2_000_000L);
    Outcome outcome = new Outcome("a", 1.25e-3, 2_500_000, 0.89, null, 0.88, 0.88 - 0.93);
    Outcome beside = new Outcome("a", 1.25e-3, 2_500_000, 0.89, null, 0.88, null);

    assertThat(outcome.misses(budget, 2.0, "test"))
        .containsExactly(
            "its p50, measured again, is 1.25 ms, 25 % more than the limit of 1.00 ms",
            "its file takes 2.50 MB, 25 % more than the limit of 2.00 MB",
            "it loses 5.00 points against the teacher on test images, and the limit is 2.00");
    assertThat(outcome.misses(new Budget(2e-3, null), 6.0, "test")).isEmpty();
    assertThat(outcome.misses(new Budget(2e-3, null), null, "test")).isEmpty();
    assertThat(beside.misses(new Budget(2e-3, null), 6.0, "test")).hasSize(1);
  }

  @Test
  void aBudgetIsAFiniteTime() {
    for (double p50 : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new Budget(p50, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("p50 must be positive and finite");
    }
  }

  /** The committed record is of a build that did not. */
  @Test
  void aRecordOfCostsMayLackTheProcessor() {
    CandidateCosts costs =
        CostsRecord.read(Path.of("..", "docs", "results", "shrink-cifar10")).orElseThrow().costs();

    assertThat(costs.candidates()).isNotEmpty();
    assertThat(costs.processor()).isNull();
  }

  /**
   * In doubles 100 · (0.9 − 0.88) is 2.0000000000000018; one image of a million more is too many.
   */
  @Test
  void aLossOfExactlyTheLimitIsNoMiss() {
    Budget budget = new Budget(1e-3, null);
    Outcome atTheLimit = new Outcome("a", 0.9e-3, 1_000_000, 0.89, null, 0.88, 0.88 - 0.9);
    Outcome beyond = new Outcome("b", 0.9e-3, 1_000_000, 0.89, null, 0.879999, 0.879999 - 0.9);

    assertThat(atTheLimit.misses(budget, 2.0, "test")).isEmpty();
    assertThat(beyond.misses(budget, 2.0, "test")).hasSize(1);
  }

  /** 144 passes over 10,000 to 45,000 images, fewer over more, 12 at least; 100 over fewer. */
  @Test
  void aLargeSetIsShownLessOften() {
    assertThat(Recipe.of(45_000, 10, false)).isEqualTo(new Recipe("ttm", 144, 128, 0.1, 4, false));
    assertThat(Recipe.of(90_000, 10, false)).isEqualTo(new Recipe("ttm", 72, 128, 0.1, 4, false));
    assertThat(Recipe.of(10_000, 10, false)).isEqualTo(new Recipe("ttm", 144, 128, 0.1, 4, false));
    assertThat(Recipe.of(3_000, 11, true)).isEqualTo(new Recipe("dist", 100, 64, 0.05, 10, true));
    assertThat(Recipe.of(600_000, 2, true)).isEqualTo(new Recipe("ttm", 12, 128, 0.1, 4, true));
    assertThat(Recipe.of(56, 10, true)).isEqualTo(new Recipe("ttm", 100, 56, 0.05, 10, true));
  }
}
