package dev.retort.adversary;

import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The student's latest representations, which D must go on telling from the teacher's, so that it
 * does not forget where the student came from (Shrivastava et al. 2017, section 2.3).
 */
final class Replay {
  private final State state;
  private final long images;
  private final Tensor values;
  private final Tensor labels;
  private final @Nullable Tensor partners;
  private final Tensor seen;

  /**
   * An empty memory.
   *
   * @param images how many are kept
   * @param shape of one representation
   * @param pairs whether partners are kept beside them
   * @param state empty, of the representations' type
   */
  Replay(long images, long[] shape, boolean pairs, State state) {
    this.state = state;
    this.images = images;
    long[] all = new long[shape.length + 1];
    all[0] = images;
    System.arraycopy(shape, 0, all, 1, shape.length);
    TensorOptions integers = new TensorOptions(ScalarType.Long);
    this.values = state.buffer("values", 0, all);
    this.labels = state.buffer("labels", torch.zeros(new long[] {images}, integers));
    this.partners = pairs ? state.buffer("partners", 0, all) : null;
    this.seen = state.buffer("seen", torch.zeros(new long[] {}, integers));
  }

  /** What it keeps, and how much it has seen. */
  State state() {
    return state;
  }

  /** Some of what is kept, drawn with replacement; null while nothing is. */
  @Nullable Samples draw(long count, RandomSource random) {
    long kept = Math.min(images, Tensors.toLongs(seen)[0]);
    if (kept == 0) {
      return null;
    }
    SplittableRandom numbers = random.random();
    long[] rows = new long[Math.toIntExact(count)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = numbers.nextLong(kept);
    }
    Tensor index = index(rows);
    return new Samples(values, new Condition(labels, partners)).rows(index);
  }

  /** Keeps the student's representations of a step in the place of the oldest. */
  void add(Samples student) {
    try (NoGrad noGrad = NoGrad.open()) {
      long count = Math.min(student.size(), images);
      Samples last = student.rows(student.size() - count, count);
      long first = Tensors.toLongs(seen)[0];
      long[] rows = new long[Math.toIntExact(count)];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (first + i) % images;
      }
      Tensor index = index(rows);
      values.index_copy_(0, index, last.values().to(values));
      if (last.condition().labels() != null) {
        labels.index_copy_(0, index, last.condition().requireLabels().to(labels));
      }
      if (partners != null) {
        partners.index_copy_(0, index, last.condition().requirePartner().to(partners));
      }
      seen.add_(new Scalar(count));
    }
  }

  private Tensor index(long[] rows) {
    return Tensors.toDeviceOf(Tensors.of(rows, rows.length), labels);
  }
}
