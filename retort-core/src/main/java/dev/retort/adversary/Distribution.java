package dev.retort.adversary;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.engine.RandomSource;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** How a network's representation of an image becomes a sample of q_t or q_s. */
public sealed interface Distribution {
  /**
   * One sample for each row, differentiable in the representation.
   *
   * @param representation {@code [N, …]}, encoded
   * @param progress the share of the training that lies behind, in [0, 1]
   */
  Tensor sample(Tensor representation, RandomSource random, double progress);

  /** The push-forward of the data through the network: the representation itself. */
  record Deterministic() implements Distribution {
    @Override
    public Tensor sample(Tensor representation, RandomSource random, double progress) {
      return representation;
    }
  }

  /**
   * N(h, σ²I) around the representation h, reparameterised: h + σε. With annealing σ falls linearly
   * to 0 over the training: instance noise (Sønderby et al. 2017, section 3.2).
   *
   * @param sigma σ ≥ 0, in the units of the encoded representation
   */
  record Gaussian(double sigma, boolean annealed) implements Distribution {
    public Gaussian {
      ObjectiveSettings.notNegative("sigma", sigma);
    }

    @Override
    public Tensor sample(Tensor representation, RandomSource random, double progress) {
      double scale = annealed ? sigma * (1 - progress) : sigma;
      if (scale == 0) {
        return representation;
      }
      Tensor noise = random.normal(representation.scalar_type(), representation.shape());
      return representation.add(
          noise.to(representation.device(), representation.scalar_type()), new Scalar(scale));
    }
  }
}
