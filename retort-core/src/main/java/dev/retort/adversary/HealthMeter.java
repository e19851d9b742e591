package dev.retort.adversary;

import dev.retort.engine.Collective;
import dev.retort.engine.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Collects a discriminator's logits on both networks' representations of held-out images, and says
 * how it judges them.
 */
public final class HealthMeter {
  private final Origin origin;
  private final Spread teacherSpread = new Spread();
  private final Spread studentSpread = new Spread();
  private double[] teacher = new double[0];
  private double[] student = new double[0];

  /**
   * What is known of an adversary before its D is shown held-out images.
   *
   * @param label what it is called
   * @param drives whether the student learns from it; an observer does not
   * @param learnsProbability whether σ of D's output is a probability of being the teacher's
   * @param gradientRatio the mean ratio over the epoch of the weighted term's gradient to the
   *     rest's; NaN where it was not measured
   * @param slope the mean norm of the term's gradient in the epoch, before its weight; NaN likewise
   */
  record Origin(
      String label,
      boolean drives,
      boolean learnsProbability,
      double gradientRatio,
      double slope) {}

  HealthMeter(Origin origin) {
    this.origin = origin;
  }

  /** Takes in D's logits on a batch, {@code [N]} each. */
  void add(Tensor teacherLogits, Tensor studentLogits) {
    teacher = append(teacher, Tensors.toDoubles(teacherLogits));
    student = append(student, Tensors.toDoubles(studentLogits));
  }

  /** Takes in what D read of the batch, {@code [N, …]} each. */
  void addRead(Tensor teacherSamples, Tensor studentSamples) {
    teacherSpread.add(teacherSamples);
    studentSpread.add(studentSamples);
  }

  /** Takes in what the other ranks' meters of the same adversary have seen; all ranks call it. */
  public void takeInOthers(Collective ranks) {
    if (ranks.ranks() > 1) {
      teacher = ranks.gather(teacher).stream().reduce(new double[0], HealthMeter::append);
      student = ranks.gather(student).stream().reduce(new double[0], HealthMeter::append);
      teacherSpread.takeInOthers(ranks);
      studentSpread.takeInOthers(ranks);
    }
  }

  private static double[] append(double[] head, double[] tail) {
    double[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }

  Origin origin() {
    return origin;
  }

  /** The mean of σ(D) on the teacher's representations. */
  public double pTeacher() {
    return Arrays.stream(teacher).map(HealthMeter::sigmoid).average().orElse(Double.NaN);
  }

  /** The mean of σ(D) on the student's representations. */
  public double pStudent() {
    return Arrays.stream(student).map(HealthMeter::sigmoid).average().orElse(Double.NaN);
  }

  /**
   * The norm of the adversarial term's gradient, weighted, over that of the rest of the loss, both
   * at the student's representation; the mean over the epoch's steps in which the term counted and
   * the ratio was measured, NaN if there was none.
   */
  public double gradientRatio() {
    return origin.gradientRatio();
  }

  /**
   * log 2 − BCE(D) in nats, with BCE(D) = −½ E log D(t) − ½ E log(1 − D(s)): a lower bound of the
   * Jensen–Shannon divergence between q_t and q_s (Goodfellow et al. 2014, theorem 1), up to
   * sampling error. Not clamped: a bad D gives a negative value.
   */
  public double jsdLowerBound() {
    double real = Arrays.stream(teacher).map(d -> softplus(-d)).average().orElse(Double.NaN);
    double fake = Arrays.stream(student).map(HealthMeter::softplus).average().orElse(Double.NaN);
    return Math.log(2) - (real + fake) / 2;
  }

  /**
   * The share of representations of both networks that D assigns rightly; a logit of exactly 0
   * counts half.
   */
  public double accuracy() {
    double right = 0;
    for (double d : teacher) {
      right += d > 0 ? 1 : d == 0 ? 0.5 : 0;
    }
    for (double d : student) {
      right += d < 0 ? 1 : d == 0 ? 0.5 : 0;
    }
    return right / (teacher.length + student.length);
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

  /** The teacher's representations' variance over images, the mean over their values. */
  double teacherVariance() {
    return teacherSpread.variance();
  }

  /** The student's. */
  double studentVariance() {
    return studentSpread.variance();
  }

  /** What is wrong with this adversary, in sentences that name the cause and what to do. */
  public List<String> alarms() {
    return HealthAlarms.of(this);
  }

  /** Whether every logit is a finite number. */
  boolean isFinite() {
    return Arrays.stream(teacher).allMatch(Double::isFinite)
        && Arrays.stream(student).allMatch(Double::isFinite);
  }

  private static double sigmoid(double d) {
    return 1 / (1 + Math.exp(-d));
  }

  private static double softplus(double d) {
    return Math.max(d, 0) + Math.log1p(Math.exp(-Math.abs(d)));
  }

  /** Sums of values and of their squares. */
  private static final class Spread {
    private long count;
    private double[] sums = new double[0];
    private double[] squares = new double[0];

    void add(Tensor samples) {
      Tensor rows = samples.detach().flatten(1, -1).to(ScalarType.Double);
      sums = plus(sums, Tensors.toDoubles(rows.sum(0)));
      squares = plus(squares, Tensors.toDoubles(rows.square().sum(0)));
      count += rows.size(0);
    }

    void takeInOthers(Collective ranks) {
      long images = 0;
      for (double[] seen : ranks.gather(new double[] {count})) {
        images += (long) seen[0];
      }
      count = images;
      sums = ranks.gather(sums).stream().reduce(new double[0], Spread::plus);
      squares = ranks.gather(squares).stream().reduce(new double[0], Spread::plus);
    }

    private static double[] plus(double[] one, double[] other) {
      if (one.length == 0 || other.length == 0) {
        return one.length == 0 ? other : one;
      }
      for (int i = 0; i < one.length; i++) {
        one[i] += other[i];
      }
      return one;
    }

    double variance() {
      double sum = 0;
      for (int i = 0; i < sums.length; i++) {
        double mean = sums[i] / count;
        sum += Math.max(0, squares[i] / count - mean * mean);
      }
      return sum / sums.length;
    }
  }
}
