package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Addition;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The wide residual networks of Zagoruyko and Komodakis 2016, without dropout: depth 6n + 4, a 3×3
 * stem of 16 channels, three groups of n pre-activation blocks (normalise, ReLU, convolve, twice)
 * with 16, 32 and 64 channels times the width factor, a last normalisation and ReLU, the mean over
 * the last map, one linear layer.
 *
 * <p>The blocks are pre-activation, so {@code stage:1} and {@code stage:2} are the sums at the end
 * of their group, not activated; {@code stage:3} is the last group's after the final normalisation
 * and ReLU (the group's own sum is {@code block3.layer.N}). {@code stage:N:preactivation} is a
 * group's sum after the normalisation that follows it, before that one's ReLU. The names of the
 * state are those of RepDistiller's checkpoints.
 */
final class WideResNet extends ZooNetwork {
  private static final int STEM_WIDTH = 16;

  private final Convolution stem;
  private final List<List<Block>> groups = new ArrayList<>();
  private final BatchNormalization lastNormalization;
  private final Linear classifier;

  /**
   * Declares the network in an empty state.
   *
   * @param depth 6n + 4 with n at least 1
   * @param widthFactor at least 1
   */
  public WideResNet(
      String name, int depth, int widthFactor, ImageShape input, int classes, State state) {
    super(name, input, classes, state);
    stem = new Convolution(state, "conv1", input.channels(), STEM_WIDTH, 3, 1, 1);
    long in = STEM_WIDTH;
    for (int group = 1; group <= 3; group++) {
      long out = (8L << group) * widthFactor;
      List<Block> blocks = new ArrayList<>();
      for (int block = 0; block < (depth - 4) / 6; block++) {
        int stride = group > 1 && block == 0 ? 2 : 1;
        blocks.add(new Block(state, "block" + group + ".layer." + block, in, out, stride));
        in = out;
      }
      groups.add(blocks);
    }
    lastNormalization = new BatchNormalization(state, "bn1", in);
    classifier = new Linear(state, "fc", in, classes, true);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = stem.forward(images, pass);
    for (int group = 1; group <= groups.size(); group++) {
      List<Block> blocks = groups.get(group - 1);
      for (Block block : blocks) {
        x = block.forward(x, block == blocks.get(0) ? group - 1 : 0, pass);
      }
      if (group == groups.size()) {
        x = pass.tap(Activations.preactivation(group), lastNormalization.forward(x, pass));
        x = pass.apply(Activation.RELU, x);
      }
      x = pass.tap(Activations.stage(group), x);
    }
    return logits(x, classifier, pass);
  }

  /** A pre-activation block; where it widens, the shortcut takes the activated input. */
  private static final class Block {
    private final String path;
    private final BatchNormalization normalization1;
    private final NormalizedConvolution convolution1;
    private final Convolution convolution2;
    private final @Nullable Convolution projection;

    Block(State state, String path, long in, long out, long stride) {
      this.path = path;
      normalization1 = new BatchNormalization(state, path + ".bn1", in);
      convolution1 =
          new NormalizedConvolution(
              state,
              new NormalizedConvolution.Names(path + ".conv1", path + ".bn2"),
              in,
              out,
              3,
              stride);
      convolution2 = new Convolution(state, path + ".conv2", out, out, 3, 1, 1);
      projection =
          in == out ? null : Convolution.shortcut(state, path + ".convShortcut", in, out, stride);
    }

    /** {@code before} is the number of the stage that ends with the block's input; 0 for none. */
    Tensor forward(Tensor x, int before, ForwardPass pass) {
      Tensor normalized = normalization1.forward(x, pass);
      if (before > 0) {
        normalized = pass.tap(Activations.preactivation(before), normalized);
      }
      Tensor activated = pass.apply(Activation.RELU, normalized);
      Tensor y = pass.apply(Activation.RELU, convolution1.forward(activated, pass));
      y = convolution2.forward(y, pass);
      Tensor shortcut = projection == null ? x : projection.forward(activated, pass);
      return pass.tap(path, pass.apply(new Addition(), y, shortcut));
    }
  }
}
