package dev.retort.adversary;

import dev.retort.distill.LayerPair;
import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * The relations within a batch: of each image the cosine similarities of its representation to
 * those of the K images behind it in the batch (which is shuffled), maps read as vectors. Widths
 * never have to match, and there is no connector. It is what similarity-preserving distillation
 * regresses (Tung and Mori 2019, section 3), left to a discriminator.
 *
 * <p>The batch is a ring without the image itself: of fewer than K others some come again.
 */
final class BatchSimilarities implements Representation {
  private static final String PREFIX = "similarities:";
  private final LayerPair layers;
  private final int others;

  /**
   * The relations of one pair of networks.
   *
   * @param layers as configured, both with the prefix {@code similarities:}
   * @param others K
   * @throws IllegalArgumentException if a network lacks the layer
   */
  BatchSimilarities(LayerPair layers, int others, Pairing pairing) {
    this.layers =
        new LayerPair(
            layers.teacher().substring(PREFIX.length()),
            layers.student().substring(PREFIX.length()));
    this.others = others;
    pairing.teacherShape(this.layers.teacher());
    pairing.studentShape(this.layers.student());
  }

  /**
   * Whether an entry of {@code on} means relations.
   *
   * @throws IllegalArgumentException if it does for one of the networks only
   */
  static boolean areMeant(LayerPair layers) {
    boolean ofTeacher = layers.teacher().startsWith(PREFIX);
    if (ofTeacher != layers.student().startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "similarities are compared with similarities: write both layers of %s with %s"
              .formatted(layers, PREFIX));
    }
    return ofTeacher;
  }

  @Override
  public String name() {
    return PREFIX + layers;
  }

  @Override
  public long[] shape() {
    return new long[] {others};
  }

  @Override
  public boolean isIndependentOfBatch() {
    return false;
  }

  @Override
  public Tensor teacher(Step step) {
    return similarities(step.teacher().get(layers.teacher()));
  }

  @Override
  public Tensor student(Step step) {
    return similarities(step.student().get(layers.student()));
  }

  @Override
  public Tensor partner(Step step) {
    return similarities(step.secondView().get(layers.teacher()));
  }

  /** {@code [N, …]} to {@code [N, K]}. */
  private Tensor similarities(Tensor representation) {
    Tensor rows = representation.flatten(1, -1);
    Tensor unit = Tensors.directions(rows);
    int images = Math.toIntExact(rows.size(0));
    long[] behind = new long[images * others];
    for (int i = 0; i < images; i++) {
      for (int k = 0; k < others; k++) {
        behind[i * others + k] = images == 1 ? 0 : (i + 1 + k % (images - 1)) % images;
      }
    }
    Tensor index = Tensors.toDeviceOf(Tensors.of(behind, images, others), rows);
    return unit.matmul(unit.t()).gather(1, index);
  }

  @Override
  public List<Tensor> balancedAt(Step step) {
    return List.of(step.student().get(layers.student()));
  }

  @Override
  public Set<String> studentTaps() {
    return Set.of(layers.student());
  }

  @Override
  public Set<String> teacherTaps() {
    return Set.of(layers.teacher());
  }
}
