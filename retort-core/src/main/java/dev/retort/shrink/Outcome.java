package dev.retort.shrink;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What became of a candidate that was trained.
 *
 * @param student its name in the study
 * @param p50 of the trained network alone in seconds, in fp32
 * @param bytes of its whole file
 * @param validationAccuracy of the study's own pass, in [0, 1]
 * @param validationDifference from the teacher's by the same pass, as a share of the images; null
 *     where that is unknown
 * @param accuracy of the file in ONNX Runtime on the images that the study measures on, in [0, 1]
 * @param difference from the teacher's on these images; null likewise
 */
public record Outcome(
    String student,
    double p50,
    long bytes,
    double validationAccuracy,
    @Nullable Double validationDifference,
    double accuracy,
    @Nullable Double difference) {
  /** With as many, {@link #ROUNDING} shows. */
  private static final int MOST_DIGITS = 9;

  /** Of points: the difference of two shares of whole images may be off by its last bits. */
  private static final double ROUNDING = 1e-9;

  /**
   * The one to be served: of those within the budget the most accurate on validation images, so
   * that the test images have no say in it, and of equal ones the fastest. Where none is within the
   * budget any more, the one that exceeds it least.
   *
   * @param outcomes at least one
   */
  static Outcome best(List<Outcome> outcomes, Budget budget) {
    return outcomes.stream()
        .filter(outcome -> budget.allows(outcome.p50(), outcome.bytes()))
        .max(
            Comparator.comparing(Outcome::validationAccuracy)
                .thenComparing(Outcome::p50, Comparator.reverseOrder()))
        .or(
            () ->
                outcomes.stream()
                    .min(
                        Comparator.comparing(
                            outcome -> budget.excess(outcome.p50(), outcome.bytes()))))
        .orElseThrow();
  }

  /** The same with the size of the file that was written. */
  Outcome withBytes(long written) {
    return new Outcome(
        student, p50, written, validationAccuracy, validationDifference, accuracy, difference);
  }

  /**
   * Which limits it misses, in sentences; none where it meets all.
   *
   * @param maxLoss how many points of accuracy it may lose against the teacher; null for any number
   * @param images test or validation: which images the study measures on
   */
  List<String> misses(Budget budget, @Nullable Double maxLoss, String images) {
    List<String> misses = new ArrayList<>();
    if (p50 > budget.p50()) {
      misses.add(
          "its p50, measured again, is %s, %s more than the limit of %s"
              .formatted(
                  Quantities.time(p50),
                  Quantities.excess(p50, budget.p50()),
                  Quantities.time(budget.p50())));
    }
    Long most = budget.bytes();
    if (most != null && bytes > most) {
      misses.add(
          "its file takes %s, %s more than the limit of %s"
              .formatted(
                  Quantities.size(bytes), Quantities.excess(bytes, most), Quantities.size(most)));
    }
    if (maxLoss != null) {
      if (difference == null) {
        misses.add(
            "the teacher's accuracy on %s images is unknown, and so is what it loses"
                .formatted(images));
      } else if (-100 * difference > maxLoss + ROUNDING) {
        double loss = -100 * difference;
        int digits = 2;
        while (digits < MOST_DIGITS && points(loss, digits).equals(points(maxLoss, digits))) {
          digits++;
        }
        misses.add(
            "it loses %s points against the teacher on %s images, and the limit is %s"
                .formatted(points(loss, digits), images, points(maxLoss, digits)));
      }
    }
    return misses;
  }

  private static String points(double points, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", points);
  }
}
