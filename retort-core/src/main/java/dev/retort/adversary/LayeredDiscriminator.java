package dev.retort.adversary;

import dev.retort.network.State;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The discriminators of our own, with LeakyReLU 0.2 behind each layer but the last, which is
 * linear. The layers of an MLP are linear, too: it reads a map through its mean over positions. A
 * convolutional one reads maps by 3×3 convolutions of stride 2, and takes the mean over positions
 * behind them (the discriminator of DCGAN, Radford et al. 2016, without batch normalisation, which
 * would let rows see each other). A map of one position is not halved further.
 */
final class LayeredDiscriminator implements Discriminator {
  private static final double SLOPE = 0.2;
  private static final String HEAD = "head";
  private static final String CLASSES = "head.classes";

  private final boolean convolutional;
  private final int depth;
  private final Conditioning conditioning;
  private final int classes;
  private final DiscriminatorLayers layers;

  /**
   * Declares {@code 0.weight}, {@code 0.bias}, {@code 1.weight} … and {@code head.*}.
   *
   * @param width of the vectors, or the channels of the maps, that are read
   * @param widths of the layers' outputs; at least one of a convolutional discriminator
   */
  LayeredDiscriminator(
      boolean convolutional,
      long width,
      List<Integer> widths,
      Conditioning conditioning,
      int classes,
      boolean spectralNormalization,
      State state) {
    this.convolutional = convolutional;
    this.depth = widths.size();
    this.conditioning = conditioning;
    this.classes = classes;
    this.layers = new DiscriminatorLayers(state, spectralNormalization);
    long in = conditioning.inputs(width, classes);
    for (int layer = 0; layer < depth; layer++) {
      int out = widths.get(layer);
      layers.declare(
          Integer.toString(layer),
          convolutional ? new long[] {out, in, 3, 3} : new long[] {out, in});
      in = out;
    }
    layers.declare(HEAD, conditioning == Conditioning.AUXILIARY_CLASS ? 2L * classes : 1, in);
    if (conditioning == Conditioning.LABEL_PROJECTION) {
      layers.declareWeight(CLASSES, classes, in);
    }
  }

  @Override
  public State state() {
    return layers.state();
  }

  @Override
  public Judgement judge(Tensor representation, Condition condition, Map<String, Tensor> theta) {
    Tensor x = conditioning.input(representation, condition, classes);
    x = convolutional ? x : pooled(x);
    for (int layer = 0; layer < depth; layer++) {
      String name = Integer.toString(layer);
      x = convolutional ? layers.convolution(name, x, 2, theta) : layers.linear(name, x, theta);
      x = torch.leaky_relu(x, new Scalar(SLOPE));
    }
    return judgement(pooled(x), condition, theta);
  }

  /** The mean of a map over its positions; a vector as it is. */
  private static Tensor pooled(Tensor input) {
    return input.dim() == 4 ? input.mean(new long[] {2, 3}) : input;
  }

  /**
   * What the features φ(h) come to, as the conditioning asks for.
   *
   * @param features {@code [N, features]}
   */
  private Judgement judgement(Tensor features, Condition condition, Map<String, Tensor> theta) {
    Tensor outputs = layers.linear(HEAD, features, theta);
    return switch (conditioning) {
      case AUXILIARY_CLASS -> Conditioning.ofClasses(outputs, condition, classes);
      case LABEL_PROJECTION -> {
        Tensor ofLabel =
            Conditioning.oneHot(condition, classes, features).matmul(layers.weight(CLASSES, theta));
        yield Judgement.of(outputs.squeeze(1).add(ofLabel.mul(features).sum(1)));
      }
      default -> Judgement.of(outputs.squeeze(1));
    };
  }

  @Override
  public void refresh() {
    layers.refresh();
  }
}
