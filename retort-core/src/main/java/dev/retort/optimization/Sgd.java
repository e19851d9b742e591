package dev.retort.optimization;

import dev.retort.engine.NoGrad;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form): m ← μ m +
 * g; w ← w − η (g + μ m) with Nesterov's momentum, w ← w − η m without.
 */
public final class Sgd {

  /**
   * The rule's constants.
   *
   * @param momentum μ in [0, 1)
   * @param nesterov whether the gradient is taken ahead
   * @param weightDecay λ ≥ 0
   * @param decoupledDecay whether w ← (1 − ηλ) w (Loshchilov and Hutter 2019), by each parameter's
   *     own η, takes the place of g ← g + λ w
   * @param decayVectors whether biases and normalisation's parameters decay too
   * @param vectorRateFactor the learning rate of biases and normalisation's parameters, as a
   *     multiple of the others'
   */
  public record Settings(
      double momentum,
      boolean nesterov,
      double weightDecay,
      boolean decoupledDecay,
      boolean decayVectors,
      double vectorRateFactor) {
    /** Those that train a student on CIFAR well. */
    public static final Settings STANDARD = new Settings(0.9, true, 5e-4, false, false, 1);

    public Settings {
      if (!(momentum >= 0 && momentum < 1)) {
        throw new IllegalArgumentException("momentum must be in [0, 1), not " + momentum);
      }
      if (!(weightDecay >= 0)) {
        throw new IllegalArgumentException(
            "weightDecay must not be negative, but is " + weightDecay);
      }
      if (!(vectorRateFactor > 0)) {
        throw new IllegalArgumentException(
            "vectorRateFactor must be positive, not " + vectorRateFactor);
      }
    }
  }

  private final Settings settings;
  private final Tensor matrices;
  private final Tensor vectors;
  private final Tensor values;
  private final Tensor momentum;
  private final long matrixValues;

  public Sgd(FlatParameters parameters, Settings settings) {
    this.settings = settings;
    this.values = parameters.values();
    this.matrixValues = parameters.matrixValues();
    this.matrices = values.narrow(0, 0, matrixValues);
    this.vectors = values.narrow(0, matrixValues, values.numel() - matrixValues);
    this.momentum = torch.zeros_like(values);
  }

  /**
   * Updates the parameters in place.
   *
   * @param gradient {@code [P]}; may be changed by the update
   * @param learningRate of this step
   */
  public void step(Tensor gradient, double learningRate) {
    try (NoGrad noGrad = NoGrad.open()) {
      decay(gradient, learningRate);
      Scalar mu = new Scalar(settings.momentum());
      momentum.mul_(mu).add_(gradient);
      Tensor direction = settings.nesterov() ? gradient.add_(momentum, mu) : momentum;
      if (settings.vectorRateFactor() == 1) {
        values.add_(direction, new Scalar(-learningRate));
      } else {
        Tensor matrixPart = direction.narrow(0, 0, matrixValues);
        Tensor vectorPart = direction.narrow(0, matrixValues, vectors.numel());
        matrices.add_(matrixPart, new Scalar(-learningRate));
        vectors.add_(vectorPart, new Scalar(-learningRate * settings.vectorRateFactor()));
      }
    }
  }

  private void decay(Tensor gradient, double learningRate) {
    if (settings.weightDecay() == 0) {
      return;
    }
    if (settings.decoupledDecay()) {
      double share = learningRate * settings.weightDecay();
      matrices.mul_(new Scalar(1 - share));
      if (settings.decayVectors()) {
        vectors.mul_(new Scalar(1 - settings.vectorRateFactor() * share));
      }
    } else {
      Tensor decayed = settings.decayVectors() ? values : matrices;
      gradient.narrow(0, 0, decayed.numel()).add_(decayed, new Scalar(settings.weightDecay()));
    }
  }

  /** What the rule remembers, live, by name: for checkpoints. */
  public Map<String, Tensor> state() {
    return Map.of("momentum", momentum);
  }
}
