package dev.retort.adversary;

import dev.retort.distill.MeasuredWeight;
import dev.retort.distill.Step;
import dev.retort.engine.Collective;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * How much the adversarial term counts at a step: balance times schedule; and what that came to, as
 * the ratio of its gradient's norm to the rest's at the student's representation. No step waits for
 * the device; the means over steps do.
 */
final class TermWeight implements MeasuredWeight {
  /** Where the balance does not need the gradients, one step of so many measures them. */
  private static final int MEASURED_EVERY = 16;

  private final Balance balance;
  private final WeightSchedule schedule;
  private final Representation representation;
  private final State state;
  private final @Nullable Tensor beta;
  private final Tensor ratios;
  private final Tensor slopes;
  private final Tensor measured;
  private final Tensor unmeasured;
  private final Tensor bounded;

  /**
   * A weight that has measured nothing.
   *
   * @param representation where the gradients of term and rest are compared
   * @param state empty: where β and the sums will be
   */
  TermWeight(Balance balance, WeightSchedule schedule, Representation representation, State state) {
    this.balance = balance;
    this.schedule = schedule;
    this.representation = representation;
    this.state = state;
    this.beta =
        balance instanceof Balance.AdaptiveBeta adaptive
            ? state.buffer("beta", adaptive.initial())
            : null;
    this.ratios = state.buffer("ratios", 0);
    this.slopes = state.buffer("slopes", 0);
    this.measured = state.buffer("measured", 0);
    this.unmeasured = state.buffer("unmeasured", 0);
    this.bounded = state.buffer("bounded", 0);
  }

  /** Whether it never counts. */
  boolean isNothing() {
    return balance.isNothing();
  }

  /** Before which share of the training it counts nothing. */
  double start() {
    return schedule.start();
  }

  @Override
  public boolean counts(Step step) {
    return !isNothing() && schedule.factor(step.progress()) > 0;
  }

  @Override
  public boolean countsFromTheStart() {
    return !isNothing() && schedule.start() == 0;
  }

  @Override
  public boolean needsRest() {
    return balance instanceof Balance.GradientRatio;
  }

  /** Whether it depends on D's output on the student. */
  boolean readsStudentLogits() {
    return beta != null;
  }

  /** Takes notice of D's mean output on the student, before the step's weight is asked for. */
  void notice(Tensor studentLogits, Collective ranks) {
    if (beta != null && balance instanceof Balance.AdaptiveBeta adaptive) {
      try (NoGrad noGrad = NoGrad.open()) {
        adaptive.update(beta, ranks.mean(studentLogits.sigmoid().mean()));
      }
    }
  }

  @Override
  public Tensor of(Step step, Tensor term, Tensor rest) {
    Scalar factor = new Scalar(schedule.factor(step.progress()));
    if (!rest.requires_grad()) {
      unmeasured.add_(new Scalar(1.0));
      return constant(term).mul(factor);
    }
    if (!needsRest() && step.number() % MEASURED_EVERY != 0) {
      return constant(term).mul(factor);
    }
    List<Tensor> at = representation.balancedAt(step);
    boolean ofImages = representation.isOfImages();
    Tensor slope = Balance.norm(term, at, ofImages, step.collective());
    Tensor slopeOfRest = Balance.norm(rest, at, ofImages, step.collective());
    Tensor balanced;
    if (balance instanceof Balance.GradientRatio ratio) {
      balanced = ratio.weight(slope, slopeOfRest);
      bounded.add_(Balance.GradientRatio.isBounded(balanced));
    } else {
      balanced = constant(term);
    }
    Tensor weight = balanced.mul(factor);
    measure(weight.mul(slope).div(slopeOfRest), slope, slopeOfRest.gt(new Scalar(0.0)));
    return weight;
  }

  /**
   * Takes a step into the means, unless the rest has no gradient there that a ratio could be to: in
   * a batch without labels, say.
   */
  private void measure(Tensor ratio, Tensor slope, Tensor counts) {
    Tensor nothing = torch.zeros_like(slope);
    ratios.add_(torch.where(counts, ratio, nothing));
    slopes.add_(torch.where(counts, slope, nothing));
    measured.add_(counts);
    unmeasured.add_(counts.logical_not());
  }

  private Tensor constant(Tensor term) {
    if (beta != null) {
      return beta.to(term.scalar_type());
    }
    return torch.full(new long[] {}, new Scalar(balance.constant()), term.options());
  }

  /** The mean ratio since {@link #clearMeans}; NaN if there was none. Waits for the device. */
  double meanRatio() {
    return Tensors.toDouble(ratios) / Tensors.toDouble(measured);
  }

  /** The mean norm of the term's gradient, before the weight, likewise. Waits for the device. */
  double meanSlope() {
    return Tensors.toDouble(slopes) / Tensors.toDouble(measured);
  }

  /**
   * Whether the weight, a ratio to the rest of the loss, has been 0 at every step since {@link
   * #clearMeans}, as the rest had no gradient there. Waits for the device.
   */
  boolean stayedZero() {
    return needsRest() && Tensors.toDouble(measured) == 0 && Tensors.toDouble(unmeasured) > 0;
  }

  /**
   * The share of those steps at which the weight was at its bound; NaN if there was none, or the
   * balance has no bound. Waits for the device.
   */
  double boundedShare() {
    return needsRest() ? Tensors.toDouble(bounded) / Tensors.toDouble(measured) : Double.NaN;
  }

  /** Begins new means. */
  void clearMeans() {
    ratios.zero_();
    slopes.zero_();
    measured.zero_();
    unmeasured.zero_();
    bounded.zero_();
  }

  /** β and the sums, live, by name. */
  Map<String, Tensor> tensors() {
    return state.buffers();
  }
}
