package dev.retort.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The processes that train one student together, seen from one of them: its rank, and the
 * operations in which all of them take part. Every rank calls the same operations in the same order
 * with tensors of the same shapes, and all of them receive the same bits.
 *
 * <p>Every operation throws an {@link EngineException} if another rank has ended, or does not take
 * part within the timeout; the group is then of no more use.
 */
public interface Collective extends AutoCloseable {
  /** This process's number, 0 … {@link #ranks()} − 1. */
  int rank();

  /** How many processes there are; at least 1. */
  int ranks();

  /** Adds up a tensor over all ranks, in place. */
  void sum(Tensor tensor);

  /** Sets a tensor to rank 0's, in place. */
  void broadcast(Tensor tensor);

  /**
   * The rows of all ranks, rank after rank, without gradient. Those of a process that is alone
   * share the memory of the given ones.
   *
   * @param rows {@code [N, …]}
   * @return {@code [ranks · N, …]}
   */
  Tensor gather(Tensor rows);

  /** Leaves the group. */
  @Override
  void close();

  /** Whether this process is the one that writes. */
  default boolean isFirst() {
    return rank() == 0;
  }

  /**
   * The mean of a floating-point tensor over all ranks.
   *
   * @param tensor is changed
   * @return the same tensor
   */
  default Tensor mean(Tensor tensor) {
    if (ranks() > 1) {
      sum(tensor);
      tensor.div_(new Scalar(ranks()));
    }
    return tensor;
  }

  /** Rank 0's number, on every rank. */
  default long broadcast(long number) {
    if (ranks() == 1) {
      return number;
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor value = torch.full(new long[] {1}, new Scalar(number), integers());
      broadcast(value);
      return Tensors.toLongs(value)[0];
    }
  }

  /** Whether it holds on any rank. */
  default boolean any(boolean holds) {
    if (ranks() == 1) {
      return holds;
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor value = torch.full(new long[] {1}, new Scalar(holds ? 1L : 0L), integers());
      sum(value);
      return Tensors.toLongs(value)[0] > 0;
    }
  }

  /** Every rank's numbers, which may differ in number, in the ranks' order. */
  default List<double[]> gather(double[] own) {
    if (ranks() == 1) {
      return List.of(own);
    }
    try (TensorScope scope = TensorScope.open()) {
      long[] counts = Tensors.toLongs(gather(Tensors.of(new long[] {own.length}, 1)));
      int longest = Math.toIntExact(Arrays.stream(counts).max().orElse(0));
      double[] all = Tensors.toDoubles(gather(Tensors.of(Arrays.copyOf(own, longest), longest)));
      List<double[]> parts = new ArrayList<>();
      for (int rank = 0; rank < counts.length; rank++) {
        int first = rank * longest;
        parts.add(Arrays.copyOfRange(all, first, first + (int) counts[rank]));
      }
      return parts;
    }
  }

  private static TensorOptions integers() {
    return new TensorOptions(ScalarType.Long);
  }

  /**
   * The rows of all ranks as something that each rank computes the same loss from. Each rank's
   * gradient flows into its own rows alone, multiplied by the number of ranks: so the mean over
   * ranks of the gradient is the loss's, in what was computed from the rows and in what made them.
   *
   * @param rows {@code [N, …]}
   * @param all {@link #gather} of them
   * @return {@code all}, differentiable in {@code rows}
   */
  default Tensor differentiable(Tensor rows, Tensor all) {
    if (ranks() == 1) {
      return rows;
    }
    long count = rows.size(0);
    long before = rank() * count;
    // Adds exactly 0, and gives the sum the gradient of ranks · rows.
    Tensor own = rows.add(rows.sub(rows.detach()), new Scalar(ranks() - 1L));
    return torch.cat(
        new TensorVector(
            all.narrow(0, 0, before),
            own,
            all.narrow(0, before + count, all.size(0) - before - count)),
        0);
  }
}
