package dev.retort.adversary;

import dev.retort.engine.RandomSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.hipparchus.stat.descriptive.rank.Percentile;

/**
 * How well a fresh discriminator D tells two networks apart by representations that it has not
 * seen.
 *
 * @param samples how many of each network's D was asked about, the smaller number of the two
 * @param auc the probability that D ranks a teacher's above a student's, in [0, 1]; ½ where it
 *     cannot tell
 * @param auc95 a 95 % interval of it, from its lower to its upper end
 * @param jsdLowerBound log 2 − BCE(D) in nats, a lower bound of the Jensen–Shannon divergence
 *     (together with a conditional D's condition); at most log 2, and negative for a D worse than
 *     none
 * @param jsdLowerBound95 a 95 % interval of it. The lower end bounds the divergence itself with a
 *     confidence of 97.5 %
 * @param pTeacher the mean of σ(D) on the teacher's
 * @param pStudent the mean of σ(D) on the student's
 */
public record Distinguishability(
    int samples,
    double auc,
    List<Double> auc95,
    double jsdLowerBound,
    List<Double> jsdLowerBound95,
    double pTeacher,
    double pStudent) {
  private static final int RESAMPLES = 1000;

  /**
   * Of several discriminators, each with its fold. The figures are the folds' means by their number
   * of rows: logits of different discriminators are never ranked together. The intervals are the
   * percentiles of 1,000 bootstrap resamples (Efron 1979) of each fold's rows, given the
   * discriminators.
   *
   * @param paired whether row i of both networks is of one image, and so drawn together
   */
  static Distinguishability of(List<HeldOutLogits> folds, boolean paired, RandomSource random) {
    List<List<HeldOutLogits>> resampled = new ArrayList<>();
    for (int i = 0; i < RESAMPLES; i++) {
      SplittableRandom numbers = random.at(i).random();
      resampled.add(folds.stream().map(fold -> resample(fold, paired, numbers)).toList());
    }
    return new Distinguishability(
        folds.stream().mapToInt(f -> Math.min(f.teacher().length, f.student().length)).sum(),
        mean(folds, HeldOutLogits::auc),
        interval(resampled, HeldOutLogits::auc),
        mean(folds, HeldOutLogits::jsdLowerBound),
        interval(resampled, HeldOutLogits::jsdLowerBound),
        mean(folds, HeldOutLogits::pTeacher),
        mean(folds, HeldOutLogits::pStudent));
  }

  private static double mean(List<HeldOutLogits> folds, ToDoubleFunction<HeldOutLogits> figure) {
    double sum = 0;
    double rows = 0;
    for (HeldOutLogits fold : folds) {
      int count = fold.teacher().length + fold.student().length;
      sum += count * figure.applyAsDouble(fold);
      rows += count;
    }
    return sum / rows;
  }

  private static List<Double> interval(
      List<List<HeldOutLogits>> resampled, ToDoubleFunction<HeldOutLogits> figure) {
    Percentile values = new Percentile().withEstimationType(Percentile.EstimationType.R_7);
    values.setData(resampled.stream().mapToDouble(folds -> mean(folds, figure)).toArray());
    return List.of(values.evaluate(2.5), values.evaluate(97.5));
  }

  private static HeldOutLogits resample(
      HeldOutLogits fold, boolean paired, SplittableRandom numbers) {
    int[] ofTeacher = rows(fold.teacher().length, numbers);
    int[] ofStudent = paired ? ofTeacher : rows(fold.student().length, numbers);
    return new HeldOutLogits(
        Arrays.stream(ofTeacher).mapToDouble(i -> fold.teacher()[i]).toArray(),
        Arrays.stream(ofStudent).mapToDouble(i -> fold.student()[i]).toArray());
  }

  private static int[] rows(int count, SplittableRandom numbers) {
    return numbers.ints(count, 0, count).toArray();
  }
}
