package dev.retort.shrink;

import dev.retort.serving.Timing;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Which candidates are worth a training. */
final class Shortlist {
  private Shortlist() {}

  /**
   * The largest candidates within a budget, largest first. Size is work: of two networks that take
   * as long, the one with more multiply-accumulates has computed more in that time. Of equal ones
   * the larger file comes first.
   *
   * @param most how many are wanted at most
   */
  static List<Candidate> of(List<Candidate> candidates, Budget budget, int most) {
    return candidates.stream()
        .filter(candidate -> meets(candidate, budget))
        .sorted(
            Comparator.comparing((Candidate candidate) -> Objects.requireNonNull(candidate.macs()))
                .thenComparing(Candidate::bytes)
                .reversed())
        .limit(most)
        .toList();
  }

  /**
   * The candidate that exceeds a budget least, by the larger factor of its two costs. Of one that
   * was cut short only the least is known: those that were timed come first.
   */
  static Optional<Candidate> nearest(List<Candidate> candidates, Budget budget) {
    return candidates.stream()
        .min(
            Comparator.comparing(Candidate::isCutShort)
                .thenComparing(candidate -> excess(candidate, budget)));
  }

  /** Whether a candidate is within a budget. */
  static boolean meets(Candidate candidate, Budget budget) {
    return excess(candidate, budget) <= 1;
  }

  private static double excess(Candidate candidate, Budget budget) {
    Timing timing = candidate.timing();
    return timing == null
        ? Double.POSITIVE_INFINITY
        : budget.excess(timing.p50(), candidate.bytes());
  }
}
