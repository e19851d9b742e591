package dev.retort.network;

import org.bytedeco.pytorch.Tensor;

/** A fully connected layer; weight {@code [out, in]}. */
public final class Linear {
  private final String name;
  private final Operation.FullyConnected operation;

  /**
   * Declares {@code NAME.weight} and {@code NAME.bias} (on request), uniform in ±1/√in as PyTorch
   * does.
   */
  public Linear(State state, String name, long in, long out, boolean bias) {
    this.name = name;
    this.operation =
        new Operation.FullyConnected(
            state.weight(name + ".weight", out, in),
            bias ? state.bias(name + ".bias", out, in) : null);
  }

  /** {@code [N, in]} to {@code [N, out]}. */
  public Tensor forward(Tensor input, ForwardPass pass) {
    Tensor output = pass.apply(operation, input);
    pass.layer(name, LayerKind.LINEAR, operation.weight().numel(), output);
    return pass.tap(name, output);
  }
}
