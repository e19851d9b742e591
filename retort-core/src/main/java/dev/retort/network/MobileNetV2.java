package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.network.NormalizedConvolution.Names;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Addition;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * MobileNetV2 (Sandler et al. 2018, table 2): a 3×3 stem of stride 2, seven groups of inverted
 * residual blocks, a 1×1 convolution to 1280 channels, the mean over the map, one linear layer; no
 * dropout.
 *
 * <p>Two forms: {@link #cifar} of the distillation literature, with RepDistiller's names, and
 * {@link #torchvision}, with torchvision's names. {@code stage:1} … {@code stage:4} are the outputs
 * of the second, third, fifth and seventh group, as the literature taps them; blocks end linearly,
 * so these maps are not activated.
 */
final class MobileNetV2 extends ZooNetwork {
  private static final int STEM_WIDTH = 32;
  private static final int EMBEDDING_WIDTH = 1280;
  private static final int EXPANSION = 6;
  private static final int[] WIDTHS = {16, 24, 32, 64, 96, 160, 320};
  private static final int[] BLOCKS = {1, 2, 3, 4, 3, 3, 1};
  private static final int[] STRIDES = {1, 2, 2, 2, 1, 2, 1};
  private static final List<Integer> GROUPS_THAT_END_A_STAGE = List.of(1, 2, 4, 6);

  private final Activation activation;
  private final NormalizedConvolution stem;
  private final List<List<InvertedResidual>> groups = new ArrayList<>();
  private final NormalizedConvolution last;
  private final Linear classifier;

  private MobileNetV2(String name, boolean forCifar, ImageShape input, int classes, State state) {
    super(name, input, classes, state);
    activation = forCifar ? Activation.RELU : Activation.RELU6;
    int narrowing = forCifar ? 2 : 1;
    long in = STEM_WIDTH / narrowing;
    stem = inSequence(state, forCifar ? "conv1" : "features.0", input.channels(), in, 3, 2);
    int feature = 1;
    for (int group = 0; group < WIDTHS.length; group++) {
      List<InvertedResidual> blocks = new ArrayList<>();
      long out = WIDTHS[group] / narrowing;
      for (int block = 0; block < BLOCKS[group]; block++) {
        int stride = block > 0 || (forCifar && group == 1) ? 1 : STRIDES[group];
        long middle = group == 0 ? in : in * EXPANSION;
        String path = forCifar ? "blocks." + group + "." + block : "features." + feature++;
        boolean expands = forCifar || group > 0;
        Names[] names =
            forCifar ? cifarNames(path + ".conv") : torchvisionNames(path + ".conv", expands);
        blocks.add(
            new InvertedResidual(state, path, names, expands, in, middle, out, stride, activation));
        in = out;
      }
      groups.add(blocks);
    }
    last = inSequence(state, forCifar ? "conv2" : "features." + feature, in, EMBEDDING_WIDTH, 1, 1);
    String head = forCifar ? "classifier.0" : "classifier.1";
    classifier = new Linear(state, head, EMBEDDING_WIDTH, classes, true);
  }

  /**
   * Declares the half-width network of the distillation literature in an empty state: ReLU, stride
   * 1 in the second group, an expanding convolution in every block.
   */
  public static MobileNetV2 cifar(String name, ImageShape input, int classes, State state) {
    return new MobileNetV2(name, true, input, classes, state);
  }

  /**
   * Declares torchvision's network of full width in an empty state: ReLU6, stride 2 in the second
   * group, no expanding convolution in the first block.
   */
  public static MobileNetV2 torchvision(String name, ImageShape input, int classes, State state) {
    return new MobileNetV2(name, false, input, classes, state);
  }

  private static NormalizedConvolution inSequence(
      State state, String path, long in, long out, long kernel, long stride) {
    return new NormalizedConvolution(state, Names.inSequence(path, 0), in, out, kernel, stride);
  }

  /** Of the expanding, the depthwise and the narrowing convolution: one sequence with its ReLUs. */
  private static Names[] cifarNames(String path) {
    return new Names[] {
      Names.inSequence(path, 0), Names.inSequence(path, 3), Names.inSequence(path, 6)
    };
  }

  /** The same, where activated convolutions are sequences of their own. */
  private static Names[] torchvisionNames(String path, boolean expands) {
    int depthwise = expands ? 1 : 0;
    return new Names[] {
      Names.inSequence(path + ".0", 0),
      Names.inSequence(path + "." + depthwise, 0),
      Names.inSequence(path, depthwise + 1)
    };
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = pass.apply(activation, stem.forward(images, pass));
    for (int group = 0; group < groups.size(); group++) {
      for (InvertedResidual block : groups.get(group)) {
        x = block.forward(x, pass);
      }
      int stage = GROUPS_THAT_END_A_STAGE.indexOf(group) + 1;
      if (stage > 0) {
        x = pass.tap(Activations.stage(stage), x);
      }
    }
    x = pass.apply(activation, last.forward(x, pass));
    return logits(x, classifier, pass);
  }

  /**
   * A block that widens by a 1×1 convolution, filters each channel by a 3×3 one, and narrows by a
   * linear 1×1 one; the input is added where it has the same shape.
   */
  private static final class InvertedResidual {
    private final String path;
    private final Activation activation;
    private final boolean adds;
    private final @Nullable NormalizedConvolution expand;
    private final NormalizedConvolution depthwise;
    private final NormalizedConvolution project;

    InvertedResidual(
        State state,
        String path,
        Names[] names,
        boolean expands,
        long in,
        long middle,
        long out,
        int stride,
        Activation activation) {
      this.path = path;
      this.activation = activation;
      adds = stride == 1 && in == out;
      expand = expands ? new NormalizedConvolution(state, names[0], in, middle, 1, 1) : null;
      depthwise = new NormalizedConvolution(state, names[1], middle, middle, 3, stride, middle);
      project = new NormalizedConvolution(state, names[2], middle, out, 1, 1);
    }

    Tensor forward(Tensor x, ForwardPass pass) {
      Tensor y = expand == null ? x : pass.apply(activation, expand.forward(x, pass));
      y = pass.apply(activation, depthwise.forward(y, pass));
      y = project.forward(y, pass);
      return pass.tap(path, adds ? pass.apply(new Addition(), x, y) : y);
    }
  }
}
