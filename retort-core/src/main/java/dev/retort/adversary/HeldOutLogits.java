package dev.retort.adversary;

import java.util.Arrays;

/**
 * A discriminator D's logits of representations that it did not learn from, and what follows for
 * the two networks.
 *
 * @param teacher D's raw logits on the teacher's representations
 * @param student D's raw logits on the student's
 */
record HeldOutLogits(double[] teacher, double[] student) {
  /** The mean of σ(D) on the teacher's representations; NaN if there are none. */
  public double pTeacher() {
    return Arrays.stream(teacher).map(HeldOutLogits::sigmoid).average().orElse(Double.NaN);
  }

  /** The mean of σ(D) on the student's representations; NaN if there are none. */
  public double pStudent() {
    return Arrays.stream(student).map(HeldOutLogits::sigmoid).average().orElse(Double.NaN);
  }

  /**
   * log 2 − BCE(D) in nats, with BCE(D) = −½ E log D(t) − ½ E log(1 − D(s)): a lower bound of the
   * Jensen–Shannon divergence between q_t and q_s (of what D is given beside them, too, where it is
   * conditional; Goodfellow et al. 2014, theorem 1), up to sampling error. Not clamped: a bad D
   * gives a negative value.
   */
  public double jsdLowerBound() {
    double real = Arrays.stream(teacher).map(d -> softplus(-d)).average().orElse(Double.NaN);
    double fake = Arrays.stream(student).map(HeldOutLogits::softplus).average().orElse(Double.NaN);
    return Math.log(2) - (real + fake) / 2;
  }

  /**
   * The share of representations of both networks that D assigns rightly.
   *
   * @param threshold the logit above which D means the teacher; exactly there it counts half. NaN
   *     where there is none, and then there is no accuracy either
   */
  public double accuracy(double threshold) {
    double right = 0;
    for (double d : teacher) {
      right += d > threshold ? 1 : d == threshold ? 0.5 : 0;
    }
    for (double d : student) {
      right += d < threshold ? 1 : d == threshold ? 0.5 : 0;
    }
    return Double.isNaN(threshold) ? Double.NaN : right / (teacher.length + student.length);
  }

  /**
   * E d(t) − E d(s), in the units of D's raw logit: what remains of a D whose logits have no zero.
   * For {@code wasserstein-gp} it estimates the Wasserstein distance.
   */
  public double logitDifference() {
    return Arrays.stream(teacher).average().orElse(Double.NaN)
        - Arrays.stream(student).average().orElse(Double.NaN);
  }

  /**
   * The probability that D ranks a teacher's representation above a student's; ties count half
   * (Mann–Whitney's U / n²).
   */
  public double auc() {
    double[] sorted = student.clone();
    Arrays.sort(sorted);
    double wins = 0;
    for (double d : teacher) {
      int below = firstNotBelow(sorted, d);
      int notAbove = firstNotBelow(sorted, Math.nextUp(d));
      wins += below + 0.5 * (notAbove - below);
    }
    return wins / ((double) teacher.length * student.length);
  }

  private static int firstNotBelow(double[] sorted, double bound) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < bound) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Whether every logit is a finite number. */
  boolean isFinite() {
    return Arrays.stream(teacher).allMatch(Double::isFinite)
        && Arrays.stream(student).allMatch(Double::isFinite);
  }

  /** These, and others behind them. */
  HeldOutLogits and(HeldOutLogits others) {
    return new HeldOutLogits(append(teacher, others.teacher), append(student, others.student));
  }

  private static double[] append(double[] head, double[] tail) {
    double[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }

  private static double sigmoid(double d) {
    return 1 / (1 + Math.exp(-d));
  }

  private static double softplus(double d) {
    return Math.max(d, 0) + Math.log1p(Math.exp(-Math.abs(d)));
  }
}
