package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.network.NormalizedConvolution.Names;
import dev.retort.network.Operation.Activation;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

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
final class CifarResNet extends ZooNetwork {
  private final NormalizedConvolution stem;
  private final List<ResidualStage> stages = new ArrayList<>();
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
    stem = new NormalizedConvolution(state, Names.of("", 1), input.channels(), stemWidth, 3, 1);
    long in = stemWidth;
    for (int stage = 0; stage < widths.length; stage++) {
      List<ResidualBlock> blocks = new ArrayList<>();
      for (int block = 0; block < (depth - 2) / 6; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String path = "layer" + (stage + 1) + "." + block;
        blocks.add(ResidualBlock.basic(state, path, in, widths[stage], stride));
        in = widths[stage];
      }
      stages.add(new ResidualStage(stage + 1, blocks));
    }
    classifier = new Linear(state, "fc", in, classes, true);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = pass.apply(Activation.RELU, stem.forward(images, pass));
    for (ResidualStage stage : stages) {
      x = stage.forward(x, pass);
    }
    return logits(x, classifier, pass);
  }
}
