package dev.retort.adversary;

import dev.retort.network.State;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A discriminator of vectors: linear layers with LeakyReLU 0.2 behind each but the last. A map is
 * read through its mean over positions.
 */
final class MlpDiscriminator implements Discriminator {
  static final double SLOPE = 0.2;

  private final DiscriminatorLayers layers;
  private final Conditioning conditioning;
  private final int classes;
  private final int hidden;
  private final DiscriminatorHead head;

  /**
   * Declares {@code 0.weight}, {@code 0.bias}, {@code 1.weight} … and the head.
   *
   * @param width of the vectors read
   * @param hidden the widths of the hidden layers
   */
  MlpDiscriminator(
      long width,
      List<Integer> hidden,
      Conditioning conditioning,
      int classes,
      boolean spectralNormalization,
      State state) {
    this.layers = new DiscriminatorLayers(state, spectralNormalization);
    this.conditioning = conditioning;
    this.classes = classes;
    this.hidden = hidden.size();
    long in = conditioning.inputs(width, classes);
    for (int layer = 0; layer < hidden.size(); layer++) {
      layers.declare(Integer.toString(layer), hidden.get(layer), in);
      in = hidden.get(layer);
    }
    this.head = new DiscriminatorHead(layers, in, conditioning, classes);
  }

  @Override
  public State state() {
    return layers.state();
  }

  @Override
  public Judgement judge(Tensor representation, Condition condition, Map<String, Tensor> theta) {
    Tensor x = pooled(conditioning.input(representation, condition, classes));
    for (int layer = 0; layer < hidden; layer++) {
      x = layers.linear(Integer.toString(layer), x, theta);
      x = torch.leaky_relu(x, new Scalar(SLOPE));
    }
    return head.judge(x, condition, theta);
  }

  private static Tensor pooled(Tensor input) {
    return input.dim() == 4 ? input.mean(new long[] {2, 3}) : input;
  }

  @Override
  public void refresh() {
    layers.refresh();
  }
}
