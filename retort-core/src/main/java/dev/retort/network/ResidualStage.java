package dev.retort.network;

import dev.retort.network.Operation.Activation;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Residual blocks in a row, whose last output is a stage of the network. */
final class ResidualStage {
  private final int number;
  private final List<ResidualBlock> blocks;

  /** The number is counted from 1. */
  ResidualStage(int number, List<ResidualBlock> blocks) {
    this.number = number;
    this.blocks = List.copyOf(blocks);
  }

  Tensor forward(Tensor x, ForwardPass pass) {
    Tensor y = x;
    for (ResidualBlock block : blocks) {
      Tensor input = y;
      y = pass.part(() -> forward(block, input, pass));
    }
    return pass.output(Activations.stage(number), y);
  }

  private Tensor forward(ResidualBlock block, Tensor x, ForwardPass pass) {
    Tensor sum = block.sum(x, pass);
    if (block == blocks.get(blocks.size() - 1)) {
      sum = pass.output(Activations.preactivation(number), sum);
    }
    return pass.output(block.path(), pass.apply(Activation.RELU, sum));
  }
}
