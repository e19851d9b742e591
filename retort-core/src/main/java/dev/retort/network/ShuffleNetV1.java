package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.network.NormalizedConvolution.Names;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Addition;
import dev.retort.network.Operation.ChannelShuffle;
import dev.retort.network.Operation.Concatenation;
import dev.retort.network.Operation.Pooling;
import dev.retort.network.Operation.Reduction;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * ShuffleNet (Zhang et al. 2018) with 3 groups in the form of the distillation literature for
 * 32-pixel images: a 1×1 stem of 24 channels, three stages of 4, 8 and 4 units with 240, 480 and
 * 960 channels, each halving the map, the mean over the last map, one linear layer.
 *
 * <p>{@code stage:1} … {@code stage:3} are the stages' outputs after their last ReLU, {@code
 * stage:1:preactivation} … before it. The names of the state are those of RepDistiller's
 * checkpoints.
 */
final class ShuffleNetV1 extends ZooNetwork {
  private static final int STEM_WIDTH = 24;
  private static final int GROUPS = 3;
  private static final int[] WIDTHS = {240, 480, 960};
  private static final int[] UNITS = {4, 8, 4};

  private final NormalizedConvolution stem;
  private final List<List<Unit>> stages = new ArrayList<>();
  private final Linear classifier;

  /** Declares the network in an empty state. */
  public ShuffleNetV1(String name, ImageShape input, int classes, State state) {
    super(name, input, classes, state);
    stem = new NormalizedConvolution(state, Names.of("", 1), input.channels(), STEM_WIDTH, 1, 1);
    long in = STEM_WIDTH;
    for (int stage = 0; stage < WIDTHS.length; stage++) {
      List<Unit> units = new ArrayList<>();
      for (int unit = 0; unit < UNITS[stage]; unit++) {
        String path = "layer" + (stage + 1) + "." + unit;
        units.add(new Unit(state, path, in, WIDTHS[stage], unit == 0));
        in = WIDTHS[stage];
      }
      stages.add(units);
    }
    classifier = new Linear(state, "linear", in, classes, true);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = pass.apply(Activation.RELU, stem.forward(images, pass));
    for (int stage = 1; stage <= stages.size(); stage++) {
      List<Unit> units = stages.get(stage - 1);
      for (int i = 0; i < units.size(); i++) {
        Tensor joined = units.get(i).joined(x, pass);
        if (i == units.size() - 1) {
          joined = pass.tap(Activations.preactivation(stage), joined);
        }
        x = pass.tap(units.get(i).path, pass.apply(Activation.RELU, joined));
      }
      x = pass.tap(Activations.stage(stage), x);
    }
    return logits(x, classifier, pass);
  }

  /**
   * A grouped 1×1 convolution, the shuffle, a depthwise 3×3 and another grouped 1×1 convolution;
   * the shortcut is added, or, in a stage's first unit, pooled to half the size and appended as
   * further channels.
   */
  private static final class Unit {
    private final String path;
    private final boolean halving;
    private final long firstGroups;
    private final NormalizedConvolution compress;
    private final NormalizedConvolution depthwise;
    private final NormalizedConvolution expand;

    Unit(State state, String path, long in, long width, boolean halving) {
      this.path = path;
      this.halving = halving;
      long out = halving ? width - in : width;
      long middle = out / 4;
      String prefix = path + ".";
      firstGroups = in == STEM_WIDTH ? 1 : GROUPS;
      compress =
          new NormalizedConvolution(state, Names.of(prefix, 1), in, middle, 1, 1, firstGroups);
      depthwise =
          new NormalizedConvolution(
              state, Names.of(prefix, 2), middle, middle, 3, halving ? 2 : 1, middle);
      expand = new NormalizedConvolution(state, Names.of(prefix, 3), middle, out, 1, 1, GROUPS);
    }

    /** What the unit's last ReLU is applied to. */
    Tensor joined(Tensor x, ForwardPass pass) {
      Tensor y = pass.apply(Activation.RELU, compress.forward(x, pass));
      y = pass.apply(new ChannelShuffle(firstGroups), y);
      y = pass.apply(Activation.RELU, depthwise.forward(y, pass));
      y = expand.forward(y, pass);
      return halving
          ? pass.apply(new Concatenation(), y, pass.apply(new Pooling(Reduction.MEAN, 3, 2, 1), x))
          : pass.apply(new Addition(), y, x);
    }
  }
}
