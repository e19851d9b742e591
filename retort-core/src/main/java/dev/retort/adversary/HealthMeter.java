package dev.retort.adversary;

import dev.retort.distill.Meter;
import dev.retort.distill.Step;
import dev.retort.engine.Collective;
import dev.retort.engine.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Collects a discriminator's logits on both networks' representations of held-out images, and says
 * how it judges them.
 */
final class HealthMeter implements Meter {
  private static final HeldOutLogits NONE = new HeldOutLogits(new double[0], new double[0]);

  private final Origin origin;
  private final Function<Step, Judged> judge;
  private final Spread teacherSpread = new Spread();
  private final Spread studentSpread = new Spread();
  private HeldOutLogits logits = NONE;
  private double progress = Double.NaN;

  /**
   * What is known of an adversary before its D is shown held-out images.
   *
   * @param label what it is called
   * @param drives whether the student learns from it; an observer does not
   * @param start the share of the training behind which it does
   * @param learnsToTell whether D learns from the two networks alone, by cross-entropy
   * @param learnsProbability whether, besides, σ of D's output is a probability of being the
   *     teacher's
   * @param illWhenCertain whether a D that is certain has little to teach, and learns to be
   * @param threshold the logit above which D means the teacher; NaN where its logits have no zero,
   *     or D does not learn from these two alone
   * @param gradientRatio the norm of the term's gradient, weighted, over that of the rest of the
   *     loss, both at the student's representation; the mean over the epoch's steps in which the
   *     term counted and the ratio was measured, NaN if there was none
   * @param slope the mean norm of the term's gradient in the epoch, before its weight; NaN likewise
   * @param stayedZero whether its weight was 0 in the whole epoch for want of a rest to compare
   * @param boundedShare the share of the epoch's steps, of those in which the term counted, at
   *     which its weight was at the upper bound of a balance by gradients, in [0, 1]; NaN if there
   *     was none, or for another balance
   */
  record Origin(
      String label,
      boolean drives,
      double start,
      boolean learnsToTell,
      boolean learnsProbability,
      boolean illWhenCertain,
      double threshold,
      double gradientRatio,
      double slope,
      boolean stayedZero,
      double boundedShare) {}

  /**
   * A batch of held-out images before D.
   *
   * @param teacherLogits what D said of the teacher's representations, {@code [N]}
   * @param studentLogits of the student's
   * @param teacherRead those representations, {@code [N, …]}
   * @param studentRead the student's
   */
  record Judged(
      Tensor teacherLogits, Tensor studentLogits, Tensor teacherRead, Tensor studentRead) {}

  /**
   * A meter that has seen nothing.
   *
   * @param judge shows D a batch
   */
  HealthMeter(Origin origin, Function<Step, Judged> judge) {
    this.origin = origin;
    this.judge = judge;
  }

  @Override
  public void measure(Step heldOut) {
    progress = heldOut.progress();
    Judged judged = judge.apply(heldOut);
    add(judged.teacherLogits(), judged.studentLogits());
    addRead(judged.teacherRead(), judged.studentRead());
  }

  /** Takes in D's logits on a batch, {@code [N]} each. */
  void add(Tensor teacherLogits, Tensor studentLogits) {
    logits =
        logits.and(
            new HeldOutLogits(Tensors.toDoubles(teacherLogits), Tensors.toDoubles(studentLogits)));
  }

  /** Takes in what D read of the batch, {@code [N, …]} each. */
  void addRead(Tensor teacherSamples, Tensor studentSamples) {
    teacherSpread.add(teacherSamples);
    studentSpread.add(studentSamples);
  }

  @Override
  public void takeInOthers(Collective ranks) {
    if (ranks.ranks() > 1) {
      List<double[]> ofTeacher = ranks.gather(logits.teacher());
      List<double[]> ofStudent = ranks.gather(logits.student());
      logits = NONE;
      for (int rank = 0; rank < ofTeacher.size(); rank++) {
        logits = logits.and(new HeldOutLogits(ofTeacher.get(rank), ofStudent.get(rank)));
      }
      teacherSpread.takeInOthers(ranks);
      studentSpread.takeInOthers(ranks);
    }
  }

  Origin origin() {
    return origin;
  }

  /** Whether the student has learnt from it before these images were shown, if any were. */
  boolean hasDriven() {
    return origin.drives() && !(progress <= origin.start());
  }

  /**
   * The share of representations that D assigns rightly, in [0, 1]; NaN where no logit of it
   * divides the two networks.
   */
  double accuracy() {
    return logits.accuracy(origin.threshold());
  }

  /** D's logits so far. */
  HeldOutLogits logits() {
    return logits;
  }

  /** The teacher's representations' variance over images, the mean over their values. */
  double teacherVariance() {
    return teacherSpread.variance();
  }

  /** The student's. */
  double studentVariance() {
    return studentSpread.variance();
  }

  /**
   * In this order, and NaN where undefined, as all but the last two are where no image was seen, or
   * where a logit is not finite: {@code pTeacher} and {@code pStudent}, the mean of σ(D) on the
   * teacher's and on the student's representations, in [0, 1]; {@code jsdLowerBound}, log 2 −
   * BCE(D) in nats, a lower bound of the Jensen–Shannon divergence of the two (together with a
   * conditional D's condition), negative for a D worse than none (these three only of a D that
   * learns a probability); {@code accuracy}, the share that D assigns rightly, in [0, 1], NaN where
   * no logit of it divides the two networks; {@code auc}, the probability that D ranks a teacher's
   * above a student's, of the same image or another, in [0, 1]; {@code logitDifference}, the mean
   * of D's raw logit on the teacher's less that on the student's; {@code gradientRatio} and {@code
   * boundedShare}, see {@link Origin}.
   */
  @Override
  public Map<String, Double> figures() {
    boolean probability = origin.learnsProbability();
    HeldOutLogits logits = this.logits.isFinite() ? this.logits : NONE;
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("pTeacher", probability ? logits.pTeacher() : Double.NaN);
    figures.put("pStudent", probability ? logits.pStudent() : Double.NaN);
    figures.put("jsdLowerBound", probability ? logits.jsdLowerBound() : Double.NaN);
    figures.put("accuracy", logits.accuracy(origin.threshold()));
    figures.put("auc", logits.auc());
    figures.put("logitDifference", logits.logitDifference());
    figures.put("gradientRatio", origin.gradientRatio());
    figures.put("boundedShare", origin.boundedShare());
    return figures;
  }

  /** Each names the cause and what to do. */
  @Override
  public List<String> alarms() {
    return HealthAlarms.of(this);
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
