package dev.retort.adversary;

import dev.retort.engine.Tensors;
import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What the discriminator D minimises, and what the student minimises against it. D returns a raw
 * logit d; σ(d) is the probability that a representation is the teacher's. {@code teacher} and
 * {@code student} are D's logits {@code [N]} on the two networks' representations, row i of both
 * from the same image (but not of replayed ones); each value is a mean over rows.
 *
 * <p>The first four train D by cross-entropy, the talk's inner problem with the sign under which it
 * has a solution: θ* = arg max E log D(t) + E log(1 − D(s)). They differ in what the student does
 * with it.
 */
public enum GanLoss {
  /** The talk's outer problem as written: maximise the probability D(s). Student: −E σ(d). */
  TALK("maximise the probability of passing for the teacher", "Kolesov and Bakhteev 2021") {
    @Override
    Tensor student(Tensor student, Supplier<Tensor> teacher) {
      return student.sigmoid().mean().neg();
    }
  },
  /** Maximise the raw logit, as the first author's research code does. Student: −E d. */
  LOGIT(
      "maximise the discriminator's raw logit",
      "Kolesov and Bakhteev 2021, the first author's research code") {
    @Override
    Tensor student(Tensor student, Supplier<Tensor> teacher) {
      return student.mean().neg();
    }
  },
  /** Goodfellow et al. 2014, section 3, the heuristic objective. Student: −E log σ(d). */
  NON_SATURATING(
      "maximise the logarithm of that probability", "Goodfellow et al. 2014, section 3") {
    @Override
    Tensor student(Tensor student, Supplier<Tensor> teacher) {
      return torch.softplus(student.neg()).mean();
    }
  },
  /** Goodfellow et al. 2014, eq. 1. Student: E log(1 − σ(d)). */
  SATURATING("minimise the logarithm of the opposite one", "Goodfellow et al. 2014, equation 1") {
    @Override
    Tensor student(Tensor student, Supplier<Tensor> teacher) {
      return torch.softplus(student).mean().neg();
    }
  },
  /** Lim and Ye 2017. D: E max(0, 1 − d_t) + E max(0, 1 + d_s). Student: −E d. */
  HINGE("maximise a logit that learns by margins of 1", "Lim and Ye 2017") {
    @Override
    Tensor discriminator(Tensor teacher, Tensor student, double realTarget) {
      Tensor real = teacher.neg().add(new Scalar(1.0)).relu().mean();
      Tensor fake = student.add(new Scalar(1.0)).relu().mean();
      return real.add(fake);
    }

    @Override
    Tensor student(Tensor student, Supplier<Tensor> teacher) {
      return student.mean().neg();
    }
  },
  /**
   * Mao et al. 2017, eq. 9 with a = 0, b = c = 1. D: ½ E (d_t − 1)² + ½ E d_s². Student: ½ E (d_s −
   * 1)².
   */
  LEAST_SQUARES("bring an output that learns targets 1 and 0 to 1", "Mao et al. 2017, equation 9") {
    @Override
    Tensor discriminator(Tensor teacher, Tensor student, double realTarget) {
      Tensor real = teacher.sub(new Scalar(realTarget)).square().mean();
      Tensor fake = student.square().mean();
      return Tensors.scaled(real.add(fake), 0.5);
    }

    @Override
    Tensor student(Tensor student, Supplier<Tensor> teacher) {
      return Tensors.scaled(student.sub(new Scalar(1.0)).square().mean(), 0.5);
    }
  },
  /**
   * Gulrajani et al. 2017, eq. 3, whose gradient penalty is a {@link Penalty}. D: E d_s − E d_t.
   * Student: −E d_s.
   */
  WASSERSTEIN_GP(
      "maximise a critic whose slope is penalised to 1", "Gulrajani et al. 2017, equation 3") {
    @Override
    Tensor discriminator(Tensor teacher, Tensor student, double realTarget) {
      return student.mean().sub(teacher.mean());
    }

    @Override
    Tensor student(Tensor student, Supplier<Tensor> teacher) {
      return student.mean().neg();
    }
  },
  /**
   * Jolicoeur-Martineau 2019, section 4.1, paired by image as in R3GAN (Huang et al. 2024, eq. 2).
   * D: E softplus(−(d_t − d_s)). Student: E softplus(−(d_s − d_t)).
   */
  RELATIVISTIC(
      "be more the teacher than the teacher is, image by image",
      "Jolicoeur-Martineau 2019, section 4.1; Huang et al. 2024, equation 2") {
    @Override
    Tensor discriminator(Tensor teacher, Tensor student, double realTarget) {
      return torch.softplus(student.sub(teacher)).mean();
    }

    @Override
    Tensor student(Tensor student, Supplier<Tensor> teacher) {
      return torch.softplus(teacher.get().sub(student)).mean();
    }
  };

  private final String description;
  private final String paper;

  GanLoss(String description, String paper) {
    this.description = description;
    this.paper = paper;
  }

  /** What the student does with D, in a few words. */
  public String description() {
    return description;
  }

  /** Where it comes from: authors, year and place. */
  public String paper() {
    return paper;
  }

  /**
   * What D minimises over θ. By cross-entropy: −E log σ(d_t) − E log(1 − σ(d_s)).
   *
   * @param realTarget D's target on the teacher's side where it learns by cross-entropy or least
   *     squares: 1, or 0.9 for one-sided label smoothing (Salimans et al. 2016, section 3.4)
   */
  Tensor discriminator(Tensor teacher, Tensor student, double realTarget) {
    Tensor real = torch.softplus(teacher.neg()).mean();
    if (realTarget != 1) {
      Tensor opposite = torch.softplus(teacher).mean();
      real = Tensors.scaled(real, realTarget).add(Tensors.scaled(opposite, 1 - realTarget));
    }
    return real.add(torch.softplus(student).mean());
  }

  /**
   * What the student minimises over w_s, with D frozen.
   *
   * @param teacher of the losses that compare each image with the teacher's; not asked by others
   */
  abstract Tensor student(Tensor student, Supplier<Tensor> teacher);

  /**
   * Whether σ(d) estimates the probability of being the teacher's, when targets are not smoothed.
   */
  boolean learnsProbability() {
    return this == TALK || this == LOGIT || this == NON_SATURATING || this == SATURATING;
  }

  /**
   * Whether a D that is certain has little to teach. The slope of a Wasserstein critic is held, so
   * it may be certain.
   */
  boolean isIllWhenCertain() {
    return this != WASSERSTEIN_GP;
  }

  /** Whether D learns towards targets, which can be smoothed. */
  boolean hasTargets() {
    return learnsProbability() || this == LEAST_SQUARES;
  }

  /**
   * The logit above which D takes a representation for the teacher's, given how it learns: the
   * place where both networks' densities are equal at the best D. NaN where only differences of
   * logits mean something.
   *
   * @param realTarget D's target on the teacher's side
   */
  double threshold(double realTarget) {
    return switch (this) {
      case TALK, LOGIT, NON_SATURATING, SATURATING -> Math.log(realTarget / (2 - realTarget));
      case LEAST_SQUARES -> realTarget / 2;
      case HINGE -> 0;
      case WASSERSTEIN_GP, RELATIVISTIC -> Double.NaN;
    };
  }

  /** The name in a configuration: {@code non-saturating}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
