package dev.retort.adversary;

import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A discriminator of vectors: linear layers with LeakyReLU 0.2 between them. A map is read through
 * its mean over positions.
 */
final class MlpDiscriminator implements Discriminator {
  private static final double SLOPE = 0.2;

  private final State state;
  private final int layers;

  /**
   * Declares {@code 0.weight}, {@code 0.bias}, {@code 1.weight} …
   *
   * @param inputs the width of the vectors read
   * @param hidden the widths of the hidden layers
   */
  MlpDiscriminator(long inputs, int[] hidden, State state) {
    this.state = state;
    this.layers = hidden.length + 1;
    long in = inputs;
    for (int layer = 0; layer < layers; layer++) {
      long out = layer < hidden.length ? hidden[layer] : 1;
      double bound = 1 / Math.sqrt(in);
      state.uniform(layer + ".weight", bound, out, in);
      state.uniform(layer + ".bias", bound, out);
      in = out;
    }
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public Tensor logits(Tensor representation, Condition condition, Map<String, Tensor> theta) {
    Tensor x = representation.dim() == 4 ? representation.mean(new long[] {2, 3}) : representation;
    for (int layer = 0; layer < layers; layer++) {
      Tensor weight = theta.get(layer + ".weight");
      x = torch.linear(x, weight, Tensors.present(theta.get(layer + ".bias")));
      if (layer < layers - 1) {
        x = torch.leaky_relu(x, new Scalar(SLOPE));
      }
    }
    return x.squeeze(1);
  }
}
