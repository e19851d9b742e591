package dev.retort.adversary;

import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A control: the teacher's representations, of both views alike, are those of another image of the
 * batch. Their distribution is the same; what they say of the image is gone.
 */
record ShuffledTeacher(Representation representation) implements Representation {
  ShuffledTeacher {
    if (!representation.isOfImages()) {
      throw new IllegalArgumentException(
          "control: shuffled-teacher shuffles images, and '%s' is not of images"
              .formatted(representation.name()));
    }
  }

  /**
   * A cyclic permutation of 0 … n−1, uniform over all of them (Sattolo 1986): no number stays where
   * it is unless it is the only one.
   */
  static int[] derangement(int n, RandomSource random) {
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
  static Tensor deranged(Tensor rows, RandomSource random) {
    int[] order = derangement(Math.toIntExact(rows.size(0)), random);
    long[] index = Arrays.stream(order).asLongStream().toArray();
    return rows.index_select(0, Tensors.toDeviceOf(Tensors.of(index, index.length), rows));
  }

  private static Tensor shuffled(Tensor ofTeacher, Step step) {
    return deranged(ofTeacher, step.random().at("shuffled teacher"));
  }

  @Override
  public String name() {
    return representation.name();
  }

  @Override
  public long[] shape() {
    return representation.shape();
  }

  @Override
  public boolean isIndependentOfBatch() {
    return false;
  }

  @Override
  public Tensor teacher(Step step) {
    return shuffled(representation.teacher(step), step);
  }

  @Override
  public Tensor student(Step step) {
    return representation.student(step);
  }

  @Override
  public Tensor partner(Step step) {
    return shuffled(representation.partner(step), step);
  }

  @Override
  public List<Tensor> balancedAt(Step step) {
    return representation.balancedAt(step);
  }

  @Override
  public Set<String> studentTaps() {
    return representation.studentTaps();
  }

  @Override
  public Set<String> teacherTaps() {
    return representation.teacherTaps();
  }

  @Override
  public @Nullable State connector() {
    return representation.connector();
  }
}
