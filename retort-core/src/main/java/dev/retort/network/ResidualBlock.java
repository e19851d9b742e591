package dev.retort.network;

import dev.retort.network.NormalizedConvolution.Names;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Addition;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A residual block (He et al. 2016): normalised convolutions with ReLU between them, a shortcut
 * around them, projected by a normalised 1×1 convolution where the shape changes, and ReLU on the
 * sum. Names as in torchvision: {@code conv1}, {@code bn1} …, {@code downsample.0}, {@code
 * downsample.1}.
 */
final class ResidualBlock {
  /** How many times wider a bottleneck's output is than its middle. */
  static final int EXPANSION = 4;

  private final String path;
  private final List<NormalizedConvolution> layers = new ArrayList<>();
  private @Nullable NormalizedConvolution projection;

  private ResidualBlock(String path) {
    this.path = path;
  }

  /** Two 3×3 convolutions; the first one has the stride. */
  static ResidualBlock basic(State state, String path, long in, long out, long stride) {
    ResidualBlock block = new ResidualBlock(path);
    block.add(state, in, out, 3, stride);
    block.add(state, out, out, 3, 1);
    block.project(state, in, out, stride);
    return block;
  }

  /**
   * 1×1, 3×3 and 1×1 convolutions; the middle one has the stride, as in torchvision (the paper has
   * it in the first).
   */
  static ResidualBlock bottleneck(State state, String path, long in, long width, long stride) {
    ResidualBlock block = new ResidualBlock(path);
    block.add(state, in, width, 1, 1);
    block.add(state, width, width, 3, stride);
    block.add(state, width, width * EXPANSION, 1, 1);
    block.project(state, in, width * EXPANSION, stride);
    return block;
  }

  private void add(State state, long in, long out, long kernel, long stride) {
    Names names = Names.of(path + ".", layers.size() + 1);
    layers.add(new NormalizedConvolution(state, names, in, out, kernel, stride));
  }

  private void project(State state, long in, long out, long stride) {
    if (stride != 1 || in != out) {
      Names names = Names.inSequence(path + ".downsample", 0);
      projection = NormalizedConvolution.shortcut(state, names, in, out, stride);
    }
  }

  /**
   * The block's output after its last ReLU.
   *
   * @param preactivation what the sum before that is called; null if it has no name
   */
  Tensor forward(Tensor x, @Nullable String preactivation, ForwardPass pass) {
    Tensor y = x;
    for (NormalizedConvolution layer : layers.subList(0, layers.size() - 1)) {
      y = pass.apply(Activation.RELU, layer.forward(y, pass));
    }
    y = layers.get(layers.size() - 1).forward(y, pass);
    Tensor shortcut = projection == null ? x : projection.forward(x, pass);
    Tensor sum = pass.apply(new Addition(), y, shortcut);
    if (preactivation != null) {
      sum = pass.tap(preactivation, sum);
    }
    return pass.tap(path, pass.apply(Activation.RELU, sum));
  }
}
