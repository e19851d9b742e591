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
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * How much the adversarial term counts at a step: the weight that the settings choose, times their
 * factor at that point of the training; and what that came to, as the ratio of its gradient's norm
 * to the rest's at the student's representation. No step waits for the device; the means over steps
 * do.
 */
final class TermWeight implements MeasuredWeight {
  /** Where the weight does not need the gradients, one step of so many measures them. */
  private static final int MEASURED_EVERY = 16;

  /**
   * A discriminator that is flat where the student is would otherwise be amplified without bound,
   * and drive the student on where nothing is left to learn. VQGAN's public code has 10⁴ here;
   * docs/results/distinguishability.md has the measurements behind this figure.
   */
  private static final double LARGEST_WEIGHT = 100;

  private static final double TOO_EASY = 0.2;
  private static final double GOOD_ENOUGH = 0.45;

  private final AdversarySettings.Weight settings;
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
  TermWeight(AdversarySettings.Weight settings, Representation representation, State state) {
    this.settings = settings;
    this.representation = representation;
    this.state = state;
    Double initial = settings.adaptiveBeta();
    this.beta = initial == null ? null : state.buffer("beta", initial);
    this.ratios = state.buffer("ratios", 0);
    this.slopes = state.buffer("slopes", 0);
    this.measured = state.buffer("measured", 0);
    this.unmeasured = state.buffer("unmeasured", 0);
    this.bounded = state.buffer("bounded", 0);
  }

  /** Whether it never counts. */
  boolean isNothing() {
    Double fixed = settings.fixed();
    Double ratio = settings.gradientRatio();
    return (fixed != null && fixed == 0) || (ratio != null && ratio == 0);
  }

  /** Before which share of the training it counts nothing. */
  double start() {
    return settings.start();
  }

  @Override
  public boolean counts(Step step) {
    return !isNothing() && settings.factor(step.progress()) > 0;
  }

  @Override
  public boolean countsFromTheStart() {
    return !isNothing() && settings.start() == 0;
  }

  @Override
  public boolean needsRest() {
    return settings.gradientRatio() != null;
  }

  /** Whether it depends on D's output on the student. */
  boolean readsStudentLogits() {
    return beta != null;
  }

  /** Takes notice of D's mean output on the student, before the step's weight is asked for. */
  void notice(Tensor studentLogits, Collective ranks) {
    if (beta != null) {
      try (NoGrad noGrad = NoGrad.open()) {
        updateBeta(beta, ranks.mean(studentLogits.sigmoid().mean()));
      }
    }
  }

  /**
   * The first author's rule for kernels, in place: β doubles at a step where D's mean output on the
   * student is below 0.2, halves where it is above 0.45, and stays within [1e-3, 1e3]. An untrained
   * D says about 0.5: unless the term counts only later, β falls in the first steps, and stays
   * there while D says something between.
   */
  static void updateBeta(Tensor beta, Tensor meanProbabilityOnStudent) {
    Tensor doubling = meanProbabilityOnStudent.lt(new Scalar(TOO_EASY)).to(beta.scalar_type());
    Tensor halving = meanProbabilityOnStudent.gt(new Scalar(GOOD_ENOUGH)).to(beta.scalar_type());
    beta.mul_(doubling.add(new Scalar(1.0)));
    beta.div_(halving.add(new Scalar(1.0)));
    beta.clamp_(new ScalarOptional(new Scalar(1e-3)), new ScalarOptional(new Scalar(1e3)));
  }

  @Override
  public Tensor of(Step step, Tensor term, Tensor rest) {
    Scalar factor = new Scalar(settings.factor(step.progress()));
    if (!rest.requires_grad()) {
      unmeasured.add_(new Scalar(1.0));
      return constant(term).mul(factor);
    }
    if (!needsRest() && step.number() % MEASURED_EVERY != 0) {
      return constant(term).mul(factor);
    }
    List<Tensor> at = representation.balancedAt(step);
    boolean ofImages = representation.isOfImages();
    Tensor slope = norm(term, at, ofImages, step.collective());
    Tensor slopeOfRest = norm(rest, at, ofImages, step.collective());
    Double ratio = settings.gradientRatio();
    Tensor balanced;
    if (ratio != null) {
      balanced = ofRatio(ratio, slope, slopeOfRest);
      bounded.add_(isBounded(balanced));
    } else {
      balanced = constant(term);
    }
    Tensor weight = balanced.mul(factor);
    measure(weight.mul(slope).div(slopeOfRest), slope, slopeOfRest.gt(new Scalar(0.0)));
    return weight;
  }

  /**
   * The norm of a term's gradient in some tensors together; the graph is kept.
   *
   * @param term a scalar: this rank's, whose mean over ranks is the whole
   * @param ofImages whether the tensors are of this rank's images: those of all ranks are then
   *     taken together; else all ranks have the same ones
   * @return a scalar without gradient
   */
  static Tensor norm(Tensor term, List<Tensor> at, boolean ofImages, Collective ranks) {
    Tensor gradient =
        Tensors.flatten(Tensors.gradients(term, new TensorVector(at.toArray(new Tensor[0])), true));
    if (ranks.ranks() == 1) {
      return gradient.norm();
    }
    if (!ofImages) {
      return ranks.mean(gradient).norm();
    }
    Tensor squares = gradient.square().sum();
    ranks.sum(squares);
    return squares.sqrt().div(new Scalar(ranks.ranks()));
  }

  /**
   * The weight with which the term's gradient has {@code ratio} times the norm of the rest's, both
   * at the student's representation that D reads, before any connector (VQGAN's adaptive weight:
   * Esser et al. 2021, eq. 7), but no more than 100: min(ratio · ‖∂rest/∂h‖ / ‖∂term/∂h‖, 100).
   *
   * @param term the norm of the term's gradient, a scalar
   * @param rest the norm of the rest's
   */
  static Tensor ofRatio(double ratio, Tensor term, Tensor rest) {
    return Tensors.scaled(rest.div(term.add(new Scalar(1e-12))), ratio)
        .clamp_max(new Scalar(LARGEST_WEIGHT));
  }

  /** Whether a weight is at its bound: a scalar, true or false. */
  static Tensor isBounded(Tensor weight) {
    return weight.ge(new Scalar(LARGEST_WEIGHT));
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

  /** The weight that does not depend on gradients; 0 for a ratio, where there is no rest. */
  private Tensor constant(Tensor term) {
    if (beta != null) {
      return beta.to(term.scalar_type());
    }
    Double fixed = settings.fixed();
    return torch.full(new long[] {}, new Scalar(fixed == null ? 0.0 : fixed), term.options());
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
   * weight has no bound. Waits for the device.
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
