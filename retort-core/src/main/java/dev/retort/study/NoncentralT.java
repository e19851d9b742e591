package dev.retort.study;

import org.hipparchus.analysis.UnivariateFunction;
import org.hipparchus.analysis.integration.IterativeLegendreGaussIntegrator;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.special.Gamma;

/**
 * The distribution of (Z + δ) / S, where Z is standard normal and ν S² is χ² with ν degrees of
 * freedom: Student's t when the mean is not 0. It gives the power of a t test.
 *
 * @param degreesOfFreedom ν ≥ 1
 * @param noncentrality δ
 */
record NoncentralT(int degreesOfFreedom, double noncentrality) {
  /** S is that many of its standard deviations 1/√(2ν) from 1 with probability below 1e-15. */
  private static final double TAILS = 12;

  private static final int POINTS = 24;
  private static final double ACCURACY = 1e-11;
  private static final int MAX_EVALUATIONS = 1_000_000;

  /**
   * The probability that a two-sided t test of level {@code alpha} rejects.
   *
   * @param alpha in (0, 1)
   */
  double probabilityOfRejection(double alpha) {
    double critical =
        new TDistribution(degreesOfFreedom).inverseCumulativeProbability(1 - alpha / 2);
    NormalDistribution normal = new NormalDistribution();
    UnivariateFunction accepted =
        s ->
            (normal.cumulativeProbability(critical * s - noncentrality)
                    - normal.cumulativeProbability(-critical * s - noncentrality))
                * densityOfS(s);
    double reach = TAILS / Math.sqrt(2.0 * degreesOfFreedom);
    double probability =
        new IterativeLegendreGaussIntegrator(POINTS, ACCURACY, ACCURACY)
            .integrate(MAX_EVALUATIONS, accepted, Math.max(0, 1 - reach), 1 + reach);
    return 1 - probability;
  }

  /** 2 (ν/2)^(ν/2) / Γ(ν/2) · s^(ν−1) · exp(−ν s² / 2). */
  private double densityOfS(double s) {
    double half = degreesOfFreedom / 2.0;
    double logOfPower = degreesOfFreedom == 1 ? 0 : (degreesOfFreedom - 1) * Math.log(s);
    return Math.exp(
        Math.log(2) + half * Math.log(half) - Gamma.logGamma(half) + logOfPower - half * s * s);
  }
}
