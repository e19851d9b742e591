package dev.retort.network;

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
      boolean isLast = block == blocks.get(blocks.size() - 1);
      String preactivation = isLast ? Activations.preactivation(number) : null;
      y = block.forward(y, preactivation, pass);
    }
    return pass.tap(Activations.stage(number), y);
  }
}
