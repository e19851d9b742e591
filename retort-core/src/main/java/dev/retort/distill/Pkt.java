package dev.retort.distill;

import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Probabilistic knowledge transfer (Passalis and Tefas 2018, section 3): the divergence Σ p_j|i
 * log(p_j|i / q_j|i) between the teacher's and the student's conditional probabilities that image i
 * has j as its neighbour, from the kernel K(a, b) = (cos(a, b) + 1) / 2, normalised over the batch.
 * Widths of the two networks need not agree. Several layers are summed.
 *
 * <p>The paper leaves an image out of its own neighbours and sums over all pairs. The authors' code
 * keeps it in, takes the mean over the N² pairs, and adds 1e-7 to norms and inside the logarithm.
 * We follow the code but for that mean, which is as 1/N, since each image's probabilities sum to 1:
 * the sum over the pairs is divided by 64 N. The public weights are for batches of 64, where the
 * two terms are equal; here a weight is good for every N, the whole batch's where several ranks
 * share it. A weight w of the code's term at batches of N is N / 64 times smaller here: 30000 at
 * 128 is 15000.
 *
 * <p>An image whose representation is 0 has no direction and, unlike in the code, no derivative,
 * which would be divided by 1e-7.
 *
 * @param weight the factor of the term
 * @param on the layers that are compared
 */
public record Pkt(double weight, List<LayerPair> on) implements Objective {

  /**
   * YAML: {@code pkt: {on: [embedding], weight: 30000, crossEntropy: 1}}: RepDistiller's and
   * mdistiller's for CIFAR-100, where batches have 64 images.
   */
  @NullUnmarked
  public record Settings(
      @Nullable List<LayerPair> on, @Nullable Double weight, @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      on = ObjectiveSettings.layers(on, "embedding");
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 30000.0 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 1.0 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      on.forEach(pair -> pair.requireIn(pairing));
      return CrossEntropy.beside(new Pkt(weight, on), crossEntropy);
    }
  }

  private static final double EPSILON = 1e-7;

  /** The size of the batches that the public weights are for. */
  private static final double AUTHORS_BATCH = 64;

  @Override
  public String name() {
    return "pkt";
  }

  @Override
  public Set<String> studentTaps() {
    return LayerPair.ofStudent(on);
  }

  @Override
  public Set<String> teacherTaps() {
    return LayerPair.ofTeacher(on);
  }

  @Override
  public Tensor loss(Step step) {
    return LayerPair.sum(on, step, Pkt::loss);
  }

  /**
   * The term: {@link #meanOverPairs} · N / 64.
   *
   * @param student activations {@code [N, …]}
   * @param teacher activations {@code [N, …]}, of any shape
   * @return a scalar
   */
  public static Tensor loss(Tensor student, Tensor teacher) {
    return Tensors.scaled(meanOverPairs(student, teacher), student.size(0) / AUTHORS_BATCH);
  }

  /**
   * The authors' term, the mean over pairs of images.
   *
   * @param student activations {@code [N, …]}
   * @param teacher activations {@code [N, …]}, of any shape
   * @return a scalar
   */
  public static Tensor meanOverPairs(Tensor student, Tensor teacher) {
    Tensor q = neighbours(student);
    Tensor p = neighbours(teacher);
    Scalar epsilon = new Scalar(EPSILON);
    return p.mul(p.add(epsilon).div(q.add(epsilon)).log()).mean();
  }

  /** The probability of each image as a neighbour of the row's image, {@code [N, N]}. */
  private static Tensor neighbours(Tensor activations) {
    Tensor rows = activations.flatten(1, -1);
    Tensor norms = Tensors.norms(rows, 1);
    Tensor directions =
        rows.div(norms.add(new Scalar(EPSILON)))
            .masked_fill(norms.le(new Scalar(EPSILON)), new Scalar(0.0));
    Tensor kernel = directions.mm(directions.t()).add(new Scalar(1.0)).mul(new Scalar(0.5));
    return kernel.div(kernel.sum(1).unsqueeze(1));
  }
}
