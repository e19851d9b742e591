package dev.retort.adversary;

import dev.retort.network.State;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A discriminator of maps: 3×3 convolutions of stride 2 with LeakyReLU 0.2 behind each, the mean
 * over positions, and a linear layer (the discriminator of DCGAN, Radford et al. 2016, without
 * batch normalisation, which would let rows see each other). A map of one position is not halved
 * further.
 */
final class ConvolutionalDiscriminator implements Discriminator {
  private final DiscriminatorLayers layers;
  private final Conditioning conditioning;
  private final int classes;
  private final int convolutions;
  private final DiscriminatorHead head;

  /**
   * Declares {@code 0.weight}, {@code 0.bias}, {@code 1.weight} … and the head.
   *
   * @param width the channels of the maps read
   * @param channels of the convolutions' outputs; at least one
   */
  ConvolutionalDiscriminator(
      long width,
      List<Integer> channels,
      Conditioning conditioning,
      int classes,
      boolean spectralNormalization,
      State state) {
    this.layers = new DiscriminatorLayers(state, spectralNormalization);
    this.conditioning = conditioning;
    this.classes = classes;
    this.convolutions = channels.size();
    long in = conditioning.inputs(width, classes);
    for (int layer = 0; layer < convolutions; layer++) {
      layers.declare(Integer.toString(layer), channels.get(layer), in, 3, 3);
      in = channels.get(layer);
    }
    this.head = new DiscriminatorHead(layers, in, conditioning, classes);
  }

  @Override
  public State state() {
    return layers.state();
  }

  @Override
  public Judgement judge(Tensor representation, Condition condition, Map<String, Tensor> theta) {
    Tensor x = conditioning.input(representation, condition, classes);
    for (int layer = 0; layer < convolutions; layer++) {
      x = layers.convolution(Integer.toString(layer), x, 2, theta);
      x = torch.leaky_relu(x, new Scalar(MlpDiscriminator.SLOPE));
    }
    return head.judge(x.mean(new long[] {2, 3}), condition, theta);
  }

  @Override
  public void refresh() {
    layers.refresh();
  }
}
