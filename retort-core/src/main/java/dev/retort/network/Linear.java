package dev.retort.network;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
    double bound = 1 / Math.sqrt(in);
    this.operation =
        new Operation.FullyConnected(
            state.uniform(name + ".weight", bound, out, in),
            bias ? state.uniform(name + ".bias", bound, out) : null);
  }

  /** {@code [N, in]} to {@code [N, out]}, outside a pass. */
  Tensor apply(Tensor input) {
    return operation.compute(input);
  }

  /** {@code [N, in]} to {@code [N, out]}. */
  public Tensor forward(Tensor input, ForwardPass pass) {
    Tensor output = pass.alikeForAll() ? imageByImage(input) : pass.apply(operation, input);
    pass.layer(name, LayerKind.LINEAR, operation.weight().numel(), output);
    return pass.tap(name, output);
  }

  /**
   * The same as one product an image: in one product of all, an image's last bits depend on its
   * place in the batch.
   */
  private Tensor imageByImage(Tensor input) {
    long n = input.size(0);
    long in = operation.weight().size(1);
    long out = operation.weight().size(0);
    Tensor each = operation.weight().t().unsqueeze(0).expand(n, in, out);
    Tensor output = torch.bmm(input.unsqueeze(1), each).squeeze(1);
    Tensor bias = operation.bias();
    return bias == null ? output : output.add(bias);
  }
}
