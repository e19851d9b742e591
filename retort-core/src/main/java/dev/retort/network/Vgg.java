package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Pooling;
import dev.retort.network.Operation.Reduction;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The networks of Simonyan and Zisserman 2015 with batch normalisation, in the small form of the
 * distillation literature: five blocks of 3×3 convolutions with bias, max-pooling after the first
 * three (after the fourth too for images of 64 pixels and more), the mean over the last map, one
 * linear layer.
 *
 * <p>{@code stage:1} … {@code stage:5} are the blocks' outputs after ReLU, before the pooling,
 * {@code stage:1:preactivation} … before both. The names of the state are those of RepDistiller's
 * checkpoints: {@code block0.0} is a convolution, {@code block0.1} its normalisation, {@code
 * block0.3} the next convolution.
 */
final class Vgg extends ZooNetwork {
  private static final int[] WIDTHS = {64, 128, 256, 512, 512};
  private static final int SMALLEST = 8;
  private static final int LARGE = 64;
  private static final int LAYERS_PER_CONVOLUTION = 3;

  private final List<List<NormalizedConvolution>> blocks = new ArrayList<>();
  private final int poolings;
  private final Linear classifier;

  /**
   * Declares the network in an empty state.
   *
   * @param convolutions how many each of the five blocks has: {1, 1, 1, 1, 1} for vgg8
   * @param input at least 8 pixels high and wide
   */
  public Vgg(String name, int[] convolutions, ImageShape input, int classes, State state) {
    super(name, input, classes, state);
    if (Math.min(input.height(), input.width()) < SMALLEST) {
      throw new IllegalArgumentException(
          name + " reads images of at least 8x8 pixels, not " + input);
    }
    poolings = Math.min(input.height(), input.width()) >= LARGE ? 4 : 3;
    long in = input.channels();
    for (int block = 0; block < WIDTHS.length; block++) {
      List<NormalizedConvolution> layers = new ArrayList<>();
      for (int i = 0; i < convolutions[block]; i++) {
        int index = i * LAYERS_PER_CONVOLUTION;
        layers.add(layer(state, "block" + block + ".", index, in, WIDTHS[block]));
        in = WIDTHS[block];
      }
      blocks.add(layers);
    }
    classifier = new Linear(state, "classifier", in, classes, true);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = images;
    for (int block = 0; block < blocks.size(); block++) {
      List<NormalizedConvolution> layers = blocks.get(block);
      for (NormalizedConvolution layer : layers) {
        x = layer.forward(x, pass);
        if (layer == layers.get(layers.size() - 1)) {
          x = pass.tap(Activations.preactivation(block + 1), x);
        }
        x = pass.apply(Activation.RELU, x);
      }
      x = pass.tap(Activations.stage(block + 1), x);
      if (block < poolings) {
        x = pass.apply(new Pooling(Reduction.MAXIMUM, 2, 2, 0), x);
      }
    }
    return logits(x, classifier, pass);
  }

  private static NormalizedConvolution layer(
      State state, String prefix, int index, long in, long out) {
    return new NormalizedConvolution(
        new Convolution(state, prefix + index, in, out, 3, 1, 1, 1, true),
        new BatchNormalization(state, prefix + (index + 1), out));
  }
}
