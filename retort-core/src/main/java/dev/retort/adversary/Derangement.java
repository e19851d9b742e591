package dev.retort.adversary;

import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** An order in which no image of a batch keeps its place, unless it is the only one. */
final class Derangement {
  private Derangement() {}

  /** A cyclic permutation of 0 … n−1, uniform over all of them (Sattolo 1986). */
  static int[] order(int n, RandomSource random) {
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    SplittableRandom numbers = random.random();
    for (int i = n - 1; i > 0; i--) {
      int j = numbers.nextInt(i);
      int held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }

  /** The rows of a batch's tensor in such an order. */
  static Tensor of(Tensor rows, RandomSource random) {
    int[] order = order(Math.toIntExact(rows.size(0)), random);
    long[] index = Arrays.stream(order).asLongStream().toArray();
    return rows.index_select(0, Tensors.toDeviceOf(Tensors.of(index, index.length), rows));
  }
}
