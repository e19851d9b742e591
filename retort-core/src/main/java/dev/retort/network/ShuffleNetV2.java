package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.network.NormalizedConvolution.Names;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.ChannelShuffle;
import dev.retort.network.Operation.Channels;
import dev.retort.network.Operation.Concatenation;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * ShuffleNet V2 ×1 (Ma et al. 2018) in the form of the distillation literature for 32-pixel images:
 * a 1×1 stem of 24 channels, three stages of 4, 8 and 4 units with 116, 232 and 464 channels, each
 * halving the map, a 1×1 convolution to 1024 channels, the mean over the map, one linear layer.
 *
 * <p>{@code stage:1} … {@code stage:3} are the stages' outputs after their last shuffle. The names
 * of the state are those of RepDistiller's checkpoints.
 */
final class ShuffleNetV2 extends ZooNetwork {
  private static final int STEM_WIDTH = 24;
  private static final int[] WIDTHS = {116, 232, 464};
  private static final int[] UNITS = {4, 8, 4};
  private static final int EMBEDDING_WIDTH = 1024;
  private static final int GROUPS = 2;

  private final NormalizedConvolution stem;
  private final List<List<Unit>> stages = new ArrayList<>();
  private final NormalizedConvolution last;
  private final Linear classifier;

  /** Declares the network in an empty state. */
  public ShuffleNetV2(String name, ImageShape input, int classes, State state) {
    super(name, input, classes, state);
    stem = new NormalizedConvolution(state, Names.of("", 1), input.channels(), STEM_WIDTH, 1, 1);
    long in = STEM_WIDTH;
    for (int stage = 0; stage < WIDTHS.length; stage++) {
      List<Unit> units = new ArrayList<>();
      for (int unit = 0; unit < UNITS[stage]; unit++) {
        String path = "layer" + (stage + 1) + "." + unit;
        units.add(
            unit == 0
                ? new HalvingUnit(state, path, in, WIDTHS[stage])
                : new SplittingUnit(state, path, WIDTHS[stage]));
        in = WIDTHS[stage];
      }
      stages.add(units);
    }
    last = new NormalizedConvolution(state, Names.of("", 2), in, EMBEDDING_WIDTH, 1, 1);
    classifier = new Linear(state, "linear", EMBEDDING_WIDTH, classes, true);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = pass.apply(Activation.RELU, stem.forward(images, pass));
    int stage = 1;
    for (List<Unit> units : stages) {
      for (Unit unit : units) {
        x = unit.forward(x, pass);
      }
      x = pass.tap(Activations.stage(stage++), x);
    }
    x = pass.apply(Activation.RELU, last.forward(x, pass));
    return logits(x, classifier, pass);
  }

  /** One of a stage's units. */
  private interface Unit {
    Tensor forward(Tensor x, ForwardPass pass);
  }

  /** Two branches, each halving the map, whose channels are joined and shuffled. */
  private static final class HalvingUnit implements Unit {
    private final String path;
    private final NormalizedConvolution leftDepthwise;
    private final NormalizedConvolution left;
    private final NormalizedConvolution right;
    private final NormalizedConvolution rightDepthwise;
    private final NormalizedConvolution rightLast;

    HalvingUnit(State state, String path, long in, long out) {
      this.path = path;
      String prefix = path + ".";
      long half = out / 2;
      leftDepthwise = new NormalizedConvolution(state, Names.of(prefix, 1), in, in, 3, 2, in);
      left = new NormalizedConvolution(state, Names.of(prefix, 2), in, half, 1, 1);
      right = new NormalizedConvolution(state, Names.of(prefix, 3), in, half, 1, 1);
      rightDepthwise =
          new NormalizedConvolution(state, Names.of(prefix, 4), half, half, 3, 2, half);
      rightLast = new NormalizedConvolution(state, Names.of(prefix, 5), half, half, 1, 1);
    }

    @Override
    public Tensor forward(Tensor x, ForwardPass pass) {
      Tensor a = leftDepthwise.forward(x, pass);
      a = pass.apply(Activation.RELU, left.forward(a, pass));
      Tensor b = pass.apply(Activation.RELU, right.forward(x, pass));
      b = rightDepthwise.forward(b, pass);
      b = pass.apply(Activation.RELU, rightLast.forward(b, pass));
      return pass.tap(path, joinedAndShuffled(a, b, pass));
    }
  }

  /** Half of the channels pass untouched, half through three convolutions; then the shuffle. */
  private static final class SplittingUnit implements Unit {
    private final String path;
    private final long half;
    private final NormalizedConvolution first;
    private final NormalizedConvolution depthwise;
    private final NormalizedConvolution last;

    SplittingUnit(State state, String path, long width) {
      this.path = path;
      half = width / 2;
      String prefix = path + ".";
      first = new NormalizedConvolution(state, Names.of(prefix, 1), half, half, 1, 1);
      depthwise = new NormalizedConvolution(state, Names.of(prefix, 2), half, half, 3, 1, half);
      last = new NormalizedConvolution(state, Names.of(prefix, 3), half, half, 1, 1);
    }

    @Override
    public Tensor forward(Tensor x, ForwardPass pass) {
      Tensor untouched = pass.apply(new Channels(0, half), x);
      Tensor changed = pass.apply(new Channels(half, half), x);
      Tensor y = pass.apply(Activation.RELU, first.forward(changed, pass));
      y = depthwise.forward(y, pass);
      y = pass.apply(Activation.RELU, last.forward(y, pass));
      return pass.tap(path, joinedAndShuffled(untouched, y, pass));
    }
  }

  private static Tensor joinedAndShuffled(Tensor a, Tensor b, ForwardPass pass) {
    return pass.apply(new ChannelShuffle(GROUPS), pass.apply(new Concatenation(), a, b));
  }
}
