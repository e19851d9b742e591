package dev.retort.adversary;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.engine.Collective;
import dev.retort.engine.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * How heavy the adversarial term is against the rest of the loss, before the {@link
 * WeightSchedule}.
 */
sealed interface Balance {
  /** Whether the term never counts. */
  default boolean isNothing() {
    return false;
  }

  /** The weight that does not depend on gradients; 0 for a ratio, where there is no rest. */
  default double constant() {
    return 0;
  }

  /** A constant weight λ. */
  record Fixed(double weight) implements Balance {
    public Fixed {
      ObjectiveSettings.notNegative("weight", weight);
    }

    @Override
    public boolean isNothing() {
      return weight == 0;
    }

    @Override
    public double constant() {
      return weight;
    }
  }

  /**
   * At every step the weight with which the adversarial gradient has {@code ratio} times the norm
   * of the rest's, both at the student's representation that D reads, before any connector (VQGAN's
   * adaptive weight: Esser et al. 2021, eq. 7), but no more than {@link #LARGEST_WEIGHT}.
   */
  record GradientRatio(double ratio) implements Balance {
    /**
     * A discriminator that is flat where the student is would otherwise be amplified without bound,
     * and drive the student on where nothing is left to learn. VQGAN's public code has 10⁴ here;
     * docs/results/distinguishability.md has the measurements behind this figure.
     */
    static final double LARGEST_WEIGHT = 100;

    public GradientRatio {
      ObjectiveSettings.notNegative("gradientRatio", ratio);
    }

    @Override
    public boolean isNothing() {
      return ratio == 0;
    }

    /**
     * The weight, min(ratio · ‖∂rest/∂h‖ / ‖∂term/∂h‖, {@link #LARGEST_WEIGHT}).
     *
     * @param term the norm of the term's gradient, a scalar
     * @param rest the norm of the rest's
     */
    Tensor weight(Tensor term, Tensor rest) {
      return Tensors.scaled(rest.div(term.add(new Scalar(1e-12))), ratio)
          .clamp_max(new Scalar(LARGEST_WEIGHT));
    }

    /** Whether a weight is at its bound: a scalar, true or false. */
    static Tensor isBounded(Tensor weight) {
      return weight.ge(new Scalar(LARGEST_WEIGHT));
    }
  }

  /**
   * The first author's rule for kernels: β doubles at a step where D's mean output on the student
   * is below 0.2, halves where it is above 0.45, and stays within [1e-3, 1e3]. An untrained D says
   * about 0.5: unless the schedule starts later, β falls in the first steps, and stays there while
   * D says something between.
   *
   * @param initial β before the first step
   */
  record AdaptiveBeta(double initial) implements Balance {
    static final double TOO_EASY = 0.2;
    static final double GOOD_ENOUGH = 0.45;

    public AdaptiveBeta {
      if (!(initial >= 1e-3 && initial <= 1e3)) {
        throw new IllegalArgumentException(
            "adaptiveBeta starts within [0.001, 1000], not at " + initial);
      }
    }

    /** β after D's mean output on the student's samples became known, in place. */
    void update(Tensor beta, Tensor meanProbabilityOnStudent) {
      Tensor doubling = meanProbabilityOnStudent.lt(new Scalar(TOO_EASY)).to(beta.scalar_type());
      Tensor halving = meanProbabilityOnStudent.gt(new Scalar(GOOD_ENOUGH)).to(beta.scalar_type());
      beta.mul_(doubling.add(new Scalar(1.0)));
      beta.div_(halving.add(new Scalar(1.0)));
      beta.clamp_(new ScalarOptional(new Scalar(1e-3)), new ScalarOptional(new Scalar(1e3)));
    }
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
}
