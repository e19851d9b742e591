package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.network.NormalizedConvolution.Names;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Pooling;
import dev.retort.network.Operation.Reduction;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The residual networks of He et al. 2016: a stem, stages of residual blocks, projections (1×1
 * convolution and batch normalisation) where the shape changes, the mean over the last map, one
 * linear layer.
 *
 * <p>Those for CIFAR (section 4.2) are in the form of the distillation literature: depth 6n + 2, a
 * 3×3 stem, three stages of n basic blocks. The names of the state are those of RepDistiller's
 * checkpoints.
 *
 * <p>Those for ImageNet (table 1) are as torchvision builds them, so that its weights load: 7×7
 * stem of stride 2, 3×3 max-pooling of stride 2, four stages. They read images of any size; 224×224
 * is what the weights were trained for.
 *
 * <p>{@code stage:1}, {@code stage:2} … are the stages' outputs after their last ReLU, {@code
 * stage:1:preactivation} … before it; {@code layer1.0} is the output of a block.
 */
final class ResNet extends ZooNetwork {
  private final boolean forImageNet;
  private final NormalizedConvolution stem;
  private final List<List<ResidualBlock>> stages = new ArrayList<>();
  private final Linear classifier;

  /**
   * Declares the network in an empty state.
   *
   * @param forImageNet whether it has the stem and the pooling for ImageNet
   * @param stemWidth the channels of the stem
   * @param widths the channels of each stage's 3×3 convolutions
   * @param blocks how many each stage has: {2, 2, 2, 2} for 18 layers
   * @param bottleneck whether blocks are 1×1, 3×3, 1×1 convolutions instead of two of 3×3
   */
  public ResNet(
      String name,
      boolean forImageNet,
      int stemWidth,
      int[] widths,
      int[] blocks,
      boolean bottleneck,
      ImageShape input,
      int classes,
      State state) {
    super(name, input, classes, state);
    this.forImageNet = forImageNet;
    stem =
        new NormalizedConvolution(
            state,
            Names.of("", 1),
            input.channels(),
            stemWidth,
            forImageNet ? 7 : 3,
            forImageNet ? 2 : 1);
    long in = stemWidth;
    for (int stage = 0; stage < widths.length; stage++) {
      long width = widths[stage];
      List<ResidualBlock> members = new ArrayList<>();
      for (int block = 0; block < blocks[stage]; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String path = "layer" + (stage + 1) + "." + block;
        if (bottleneck) {
          members.add(ResidualBlock.bottleneck(state, path, in, width, stride));
          in = width * ResidualBlock.EXPANSION;
        } else {
          members.add(ResidualBlock.basic(state, path, in, width, stride));
          in = width;
        }
      }
      stages.add(members);
    }
    classifier = new Linear(state, "fc", in, classes, true);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = pass.apply(Activation.RELU, stem.forward(images, pass));
    if (forImageNet) {
      x = pass.apply(new Pooling(Reduction.MAXIMUM, 3, 2, 1), x);
    }
    for (int stage = 1; stage <= stages.size(); stage++) {
      List<ResidualBlock> blocks = stages.get(stage - 1);
      for (ResidualBlock block : blocks) {
        boolean isLast = block == blocks.get(blocks.size() - 1);
        x = block.forward(x, isLast ? Activations.preactivation(stage) : null, pass);
      }
      x = pass.tap(Activations.stage(stage), x);
    }
    return logits(x, classifier, pass);
  }
}
