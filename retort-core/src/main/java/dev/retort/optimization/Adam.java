package dev.retort.optimization;

import dev.retort.engine.NoGrad;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam (Kingma and Ba 2015, algorithm 1): m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; w ← w − η
 * m̂ / (√v̂ + ε) with the bias-corrected m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
 */
public final class Adam {

  /**
   * The rule's constants.
   *
   * @param beta1 β₁ in [0, 1)
   * @param beta2 β₂ in [0, 1)
   * @param epsilon ε &gt; 0
   */
  public record Settings(double beta1, double beta2, double epsilon) {
    public Settings {
      if (!(beta1 >= 0 && beta1 < 1) || !(beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException(
            "Adam's betas must be in [0, 1), not " + beta1 + " and " + beta2);
      }
      if (!(epsilon > 0)) {
        throw new IllegalArgumentException("Adam's epsilon must be positive, not " + epsilon);
      }
    }
  }

  private final Settings settings;
  private final Tensor values;
  private final Tensor first;
  private final Tensor second;
  private final Tensor steps;

  public Adam(FlatParameters parameters, Settings settings) {
    this.settings = settings;
    this.values = parameters.values();
    this.first = torch.zeros_like(values);
    this.second = torch.zeros_like(values);
    this.steps = torch.zeros(new long[] {}, values.options());
  }

  /**
   * Updates the parameters in place.
   *
   * @param gradient {@code [P]}; may be changed by the update
   * @param learningRate of this step
   */
  public void step(Tensor gradient, double learningRate) {
    try (NoGrad noGrad = NoGrad.open()) {
      steps.add_(new Scalar(1));
      first.lerp_(gradient, new Scalar(1 - settings.beta1()));
      second
          .mul_(new Scalar(settings.beta2()))
          .addcmul_(gradient, gradient, new Scalar(1 - settings.beta2()));
      Tensor correction1 = power(settings.beta1(), steps);
      Tensor correction2 = power(settings.beta2(), steps);
      Tensor denominator = second.div(correction2).sqrt_().add_(new Scalar(settings.epsilon()));
      values.addcdiv_(first.div(correction1), denominator, new Scalar(-learningRate));
    }
  }

  /** 1 − βᵗ. */
  private static Tensor power(double beta, Tensor steps) {
    return torch.pow(new Scalar(beta), steps).neg().add(new Scalar(1));
  }

  /** What the rule remembers, live, by name: for checkpoints. */
  public Map<String, Tensor> state() {
    return Map.of("firstMoment", first, "secondMoment", second, "steps", steps);
  }

  /** How the rule would go on from where it stands; nothing of it changes. */
  public Course course() {
    return new Course();
  }

  /** Further steps as differentiable functions of the values and gradients that they are given. */
  public final class Course {
    /** Added to v̂ under the root, which has no derivative at 0; nothing beside ε². */
    private static final double ROOT = 1e-30;

    private Tensor m = first.clone();
    private Tensor v = second.clone();
    private Tensor taken = steps.clone();

    private Course() {}

    /**
     * The values after one more step.
     *
     * @param from {@code [P]}
     * @param gradient {@code [P]}
     */
    public Tensor step(Tensor from, Tensor gradient, double learningRate) {
      taken = taken.add(new Scalar(1));
      m = m.mul(new Scalar(settings.beta1())).add(gradient, new Scalar(1 - settings.beta1()));
      v =
          v.mul(new Scalar(settings.beta2()))
              .add(gradient.square(), new Scalar(1 - settings.beta2()));
      Tensor root = v.div(power(settings.beta2(), taken)).add(new Scalar(ROOT)).sqrt();
      Tensor direction =
          m.div(power(settings.beta1(), taken)).div(root.add(new Scalar(settings.epsilon())));
      return from.sub(direction, new Scalar(learningRate));
    }
  }
}
