package dev.retort.study;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.hipparchus.analysis.solvers.BrentSolver;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.stat.StatUtils;
import org.hipparchus.stat.interval.BinomialProportion;
import org.hipparchus.stat.interval.ConfidenceInterval;
import org.jspecify.annotations.Nullable;

/** The statistics of a study's table. What is undefined is null. */
public final class Statistics {
  /** The level of the tests and of 1 − the intervals' coverage. */
  private static final double ALPHA = 0.05;

  /** The power for which {@link #detectableDifference} answers. */
  private static final double POWER = 0.8;

  /** Accuracies are fractions: a spread below this is rounding, not spread. */
  private static final double NO_SPREAD = 1e-12;

  private static final double EFFECT_ACCURACY = 1e-9;
  private static final int MAX_EVALUATIONS = 1000;

  private Statistics() {}

  /** The mean; null of no values. */
  public static @Nullable Double mean(List<Double> values) {
    return values.isEmpty() ? null : StatUtils.mean(array(values));
  }

  /** The standard deviation with n − 1 degrees of freedom; null of fewer than two values. */
  public static @Nullable Double standardDeviation(List<Double> values) {
    return values.size() < 2 ? null : Math.sqrt(StatUtils.variance(array(values)));
  }

  /**
   * Differences of paired runs.
   *
   * @param n the number of pairs
   * @param mean null without pairs
   * @param standardDeviation of the differences; null with fewer than two pairs
   * @param interval the 95 % interval of the mean by Student's t with n − 1 degrees of freedom,
   *     {low, high}; null with fewer than two pairs, or if all differences are equal
   * @param pValue two-sided, of the hypothesis that the mean is 0; null likewise
   */
  public record PairedDifference(
      int n,
      @Nullable Double mean,
      @Nullable Double standardDeviation,
      @Nullable List<Double> interval,
      @Nullable Double pValue) {}

  /**
   * The paired t test. Differences that are all equal have no spread to measure the mean by: their
   * interval and p are undefined, not 0.
   */
  public static PairedDifference paired(List<Double> differences) {
    int n = differences.size();
    Double mean = mean(differences);
    Double deviation = standardDeviation(differences);
    if (mean == null || deviation == null || deviation < NO_SPREAD) {
      return new PairedDifference(n, mean, deviation, null, null);
    }
    TDistribution t = new TDistribution(n - 1);
    double error = deviation / Math.sqrt(n);
    double halfWidth = t.inverseCumulativeProbability(1 - ALPHA / 2) * error;
    double pValue = 2 * t.cumulativeProbability(-Math.abs(mean) / error);
    return new PairedDifference(
        n, mean, deviation, List.of(mean - halfWidth, mean + halfWidth), pValue);
  }

  /**
   * Holm's adjustment (Holm 1979) over a family of tests: with p ascending, the i-th of m becomes
   * the largest of (m − j + 1) · p_j over j ≤ i, at most 1. A test that could not be made (null)
   * stays null and counts in m, as one with the largest p: which tests the family has was said
   * before its runs, and must not depend on how they ended.
   *
   * @return in the order of the argument
   */
  public static List<@Nullable Double> holm(List<@Nullable Double> pValues) {
    List<Integer> ascending =
        IntStream.range(0, pValues.size())
            .filter(i -> pValues.get(i) != null)
            .boxed()
            .sorted(Comparator.comparing(i -> pValues.get(i)))
            .toList();
    List<@Nullable Double> adjusted = new ArrayList<>(Collections.nCopies(pValues.size(), null));
    double largest = 0;
    int remaining = pValues.size();
    for (int i : ascending) {
      Double p = pValues.get(i);
      if (p != null) {
        largest = Math.max(largest, Math.min(1, remaining * p));
        adjusted.set(i, largest);
        remaining--;
      }
    }
    return adjusted;
  }

  /**
   * The power of the two-sided paired t test at level {@link #ALPHA}: the exact one, by the
   * noncentral t distribution.
   *
   * @param n the number of pairs, at least 2
   * @param effect the true mean of the differences divided by their standard deviation
   */
  static double power(int n, double effect) {
    if (n < 2) {
      throw new IllegalArgumentException("a t test needs at least 2 pairs, not " + n);
    }
    return new NoncentralT(n - 1, effect * Math.sqrt(n)).probabilityOfRejection(ALPHA);
  }

  /**
   * The smallest true difference that the test finds with power {@link #POWER} in a number of pairs
   * with this spread; null with fewer than two pairs, or without spread.
   *
   * @param standardDeviation of the paired differences
   */
  static @Nullable Double detectableDifference(int n, @Nullable Double standardDeviation) {
    if (n < 2 || standardDeviation == null || standardDeviation < NO_SPREAD) {
      return null;
    }
    double enough = 1;
    while (power(n, enough) < POWER) {
      enough *= 2;
    }
    double effect =
        new BrentSolver(EFFECT_ACCURACY)
            .solve(MAX_EVALUATIONS, guess -> power(n, guess) - POWER, 0, enough);
    return effect * standardDeviation;
  }

  /**
   * The 95 % interval of a share by Wilson (1927, equation 3), which holds near 0 and 1 too.
   *
   * @param share of the images, in [0, 1]
   * @param n how many images there are, at least 1
   * @return {low, high}
   */
  public static List<Double> shareInterval(double share, int n) {
    ConfidenceInterval interval = BinomialProportion.getWilsonScoreInterval(n, share, 1 - ALPHA);
    return List.of(interval.getLowerBound(), interval.getUpperBound());
  }

  /**
   * The 95 % interval of the difference of two shares of the same images, by Agresti and Min (2005,
   * "Simple improved confidence intervals for comparing matched proportions"): Wald's, with half an
   * image more in each cell of the table of both decisions.
   *
   * @param gained how many images count only in the first share
   * @param lost how many count only in the second
   * @param n how many images there are, at least 1
   * @return {low, high} of the first share less the second, within −1 … 1
   */
  public static List<Double> pairedShareInterval(int gained, int lost, int n) {
    double z = new NormalDistribution().inverseCumulativeProbability(1 - ALPHA / 2);
    double images = n + 2.0;
    double difference = (gained - lost) / images;
    double error = Math.sqrt((gained + lost + 1) / images - difference * difference);
    double halfWidth = z * error / Math.sqrt(images);
    return List.of(Math.max(-1, difference - halfWidth), Math.min(1, difference + halfWidth));
  }

  /**
   * The largest of k values to be expected where each is drawn, with replacement, from these: Σ_v v
   * · (P(V ≤ v)^k − P(V &lt; v)^k), P being the values' empirical distribution. It estimates what a
   * random search has reached after k trials (Dodge et al. 2019, "Show Your Work", E[V*_k | k]).
   *
   * @param values at least one
   * @param k at least 1
   */
  static double expectedMaximum(List<Double> values, int k) {
    if (values.isEmpty() || k < 1) {
      throw new IllegalArgumentException(
          "the largest of %d draws from %d values is undefined".formatted(k, values.size()));
    }
    double n = values.size();
    List<Double> ascending = values.stream().sorted().toList();
    double expected = 0;
    for (int i = 0; i < ascending.size(); i++) {
      // Equal values share what they have together.
      expected += ascending.get(i) * (Math.pow((i + 1) / n, k) - Math.pow(i / n, k));
    }
    return expected;
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
