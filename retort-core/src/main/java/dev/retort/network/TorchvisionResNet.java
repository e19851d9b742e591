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
 * The residual networks for ImageNet of He et al. 2016 (table 1) as torchvision builds them, so
 * that its weights load: 7×7 stem of stride 2, 3×3 max-pooling of stride 2, four stages, the mean
 * over the last map, one linear layer. It reads images of any size; 224×224 is what the weights
 * were trained for.
 *
 * <p>{@code stage:1} … {@code stage:4} are the stages' outputs after their last ReLU, {@code
 * stage:1:preactivation} … before it.
 */
final class TorchvisionResNet extends ZooNetwork {
  private static final int STEM_WIDTH = 64;

  private final NormalizedConvolution stem;
  private final List<ResidualStage> stages = new ArrayList<>();
  private final Linear classifier;

  /**
   * Declares the network in an empty state.
   *
   * @param blocks how many each stage has: {2, 2, 2, 2} for 18 layers
   * @param bottleneck whether blocks are 1×1, 3×3, 1×1 convolutions instead of two of 3×3
   */
  public TorchvisionResNet(
      String name, int[] blocks, boolean bottleneck, ImageShape input, int classes, State state) {
    super(name, input, classes, state);
    stem = new NormalizedConvolution(state, Names.of("", 1), input.channels(), STEM_WIDTH, 7, 2);
    long in = STEM_WIDTH;
    for (int stage = 0; stage < blocks.length; stage++) {
      long width = (long) STEM_WIDTH << stage;
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
      stages.add(new ResidualStage(stage + 1, members));
    }
    classifier = new Linear(state, "fc", in, classes, true);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = pass.apply(Activation.RELU, stem.forward(images, pass));
    x = pass.apply(new Pooling(Reduction.MAXIMUM, 3, 2, 1), x);
    for (ResidualStage stage : stages) {
      x = stage.forward(x, pass);
    }
    return logits(x, classifier, pass);
  }
}
