package dev.retort.adversary;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What is done to a representation before D reads it: the same on both sides, always. Rows are
 * images; a map's channels are its second dimension.
 */
public sealed interface Encoding {
  /** {@code [N, …]} to the same shape. */
  Tensor encode(Tensor representation);

  /** As it is. */
  record Raw() implements Encoding {
    @Override
    public Tensor encode(Tensor representation) {
      return representation;
    }
  }

  /**
   * Minus its mean over the second dimension: for logits, what softmax does not see is taken away.
   */
  record Centred() implements Encoding {
    @Override
    public Tensor encode(Tensor representation) {
      return representation.sub(Tensors.mean(representation, 1));
    }
  }

  /**
   * Centred and divided by its standard deviation over the second dimension (biased, plus 1e-6).
   * Where that is 0, as at a position of a map at which ReLU lets no channel through, the square
   * root has no derivative: such a row is centred only.
   */
  record Standardized() implements Encoding {
    @Override
    public Tensor encode(Tensor representation) {
      Tensor centred = new Centred().encode(representation);
      Tensor variance = Tensors.mean(centred.square(), 1);
      Tensor deviation = variance.masked_fill(variance.eq(new Scalar(0.0)), new Scalar(1.0)).sqrt();
      return centred.div(deviation.add(new Scalar(1e-6)));
    }
  }

  /** Probabilities softmax(z / T) over the second dimension, T from 0.01 to 1000. */
  record Softmax(double temperature) implements Encoding {
    public Softmax {
      ObjectiveSettings.temperature("temperature", temperature);
    }

    @Override
    public Tensor encode(Tensor representation) {
      return torch.softmax(Tensors.scaled(representation, 1 / temperature), 1);
    }
  }
}
