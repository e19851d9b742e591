package dev.retort.network;

import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Batch normalisation over channels (Ioffe and Szegedy 2015) with scale, shift and running
 * statistics.
 */
public final class BatchNormalization {
  private final String name;
  private final Tensor batches;
  private final Operation.Normalization operation;

  /**
   * Declares {@code NAME.weight} (1), {@code .bias} (0), {@code .running_mean}, {@code
   * .running_var} and {@code .num_batches_tracked}, with PyTorch's momentum 0.1 and ε 1e-5.
   */
  public BatchNormalization(State state, String name, long channels) {
    this(state, name, channels, 0.1, 1e-5, true);
  }

  /**
   * The same with other constants.
   *
   * @param momentum the weight of the new batch in the running statistics
   * @param learnedScale whether the scale learns; it stays 1, as a buffer, where not
   */
  public BatchNormalization(
      State state,
      String name,
      long channels,
      double momentum,
      double epsilon,
      boolean learnedScale) {
    this.name = name;
    this.operation =
        new Operation.Normalization(
            learnedScale
                ? state.constant(name + ".weight", 1, channels)
                : state.buffer(name + ".weight", 1, channels),
            state.constant(name + ".bias", 0, channels),
            state.buffer(name + ".running_mean", 0, channels),
            state.buffer(name + ".running_var", 1, channels),
            momentum,
            epsilon);
    this.batches =
        state.buffer(name + ".num_batches_tracked", Tensors.of(new long[] {0}, new long[0]));
  }

  /** {@code [N, C, H, W]} to the same shape. */
  public Tensor forward(Tensor input, ForwardPass pass) {
    if (pass.isTraining()) {
      batches.add_(new Scalar(1));
    }
    Tensor output = pass.isTraining() ? operation.train(input) : pass.apply(operation, input);
    pass.layer(name, LayerKind.NORMALIZATION, 0, output);
    return pass.tap(name, output);
  }
}
