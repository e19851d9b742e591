package dev.retort.network;

import dev.retort.data.ImageShape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The residual networks for CIFAR of He et al. 2016 (section 4.2) in the form of the distillation
 * literature: depth 6n + 2, a 3×3 stem, three stages of n basic blocks, projections (1×1
 * convolution and batch normalisation) where the shape changes, the mean over the last map, one
 * linear layer.
 *
 * <p>{@code stage:1}, {@code stage:2} and {@code stage:3} are the stages' outputs after their last
 * ReLU, {@code stage:1:preactivation} … before it; {@code layer1.0} is the output of a block. The
 * names of the state are those of RepDistiller's checkpoints.
 */
public final class CifarResNet extends ZooNetwork {
  private final Convolution stem;
  private final BatchNormalization stemNormalization;
  private final List<List<Block>> stages = new ArrayList<>();
  private final Linear classifier;

  /**
   * Declares the network in an empty state.
   *
   * @param depth 6n + 2 with n at least 1
   * @param stemWidth the channels of the stem
   * @param widths the channels of the three stages
   * @throws IllegalArgumentException if depth or widths are not as above
   */
  public CifarResNet(
      String name,
      int depth,
      int stemWidth,
      int[] widths,
      ImageShape input,
      int classes,
      State state) {
    super(name, input, classes, state);
    if (depth < 8 || (depth - 2) % 6 != 0) {
      throw new IllegalArgumentException(
          "the depth of a CIFAR ResNet is 6n + 2 (8, 14, 20 …), not " + depth);
    }
    stem = new Convolution(state, "conv1", input.channels(), stemWidth, 3, 1, 1);
    stemNormalization = new BatchNormalization(state, "bn1", stemWidth);
    long in = stemWidth;
    for (int stage = 0; stage < widths.length; stage++) {
      List<Block> blocks = new ArrayList<>();
      for (int block = 0; block < (depth - 2) / 6; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String path = "layer" + (stage + 1) + "." + block;
        blocks.add(new Block(state, path, in, widths[stage], stride));
        in = widths[stage];
      }
      stages.add(blocks);
    }
    classifier = new Linear(state, "fc", in, classes, true);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = torch.relu(stemNormalization.forward(stem.forward(images, pass), pass));
    int stage = 1;
    for (List<Block> blocks : stages) {
      Tensor sum = x;
      for (Block block : blocks) {
        sum = block.forward(x, pass);
        x = pass.output(block.path, torch.relu(sum));
      }
      pass.output(Activations.preactivation(stage), sum);
      x = pass.output(Activations.stage(stage++), x);
    }
    Tensor embedding = pass.output(Activations.EMBEDDING, Pooling.globalMean(x));
    return classifier.forward(embedding, pass);
  }

  /** Two 3×3 convolutions and a shortcut. */
  private static final class Block {
    private final String path;
    private final Convolution convolution1;
    private final BatchNormalization normalization1;
    private final Convolution convolution2;
    private final BatchNormalization normalization2;
    private final @Nullable Convolution projection;
    private final @Nullable BatchNormalization projectionNormalization;

    Block(State state, String path, long in, long out, long stride) {
      this.path = path;
      convolution1 = new Convolution(state, path + ".conv1", in, out, 3, stride, 1);
      normalization1 = new BatchNormalization(state, path + ".bn1", out);
      convolution2 = new Convolution(state, path + ".conv2", out, out, 3, 1, 1);
      normalization2 = new BatchNormalization(state, path + ".bn2", out);
      boolean changesShape = stride != 1 || in != out;
      projection =
          changesShape
              ? Convolution.shortcut(state, path + ".downsample.0", in, out, stride)
              : null;
      projectionNormalization =
          changesShape ? new BatchNormalization(state, path + ".downsample.1", out) : null;
    }

    /** The block's sum, before its last ReLU. */
    Tensor forward(Tensor x, ForwardPass pass) {
      Tensor y = torch.relu(normalization1.forward(convolution1.forward(x, pass), pass));
      y = normalization2.forward(convolution2.forward(y, pass), pass);
      Tensor shortcut = x;
      if (projection != null && projectionNormalization != null) {
        shortcut = projectionNormalization.forward(projection.forward(x, pass), pass);
      }
      return y.add(shortcut);
    }
  }
}
