package dev.retort.distill;

import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Probabilistic knowledge transfer (Passalis and Tefas 2018, section 3): the divergence Σ p_j|i
 * log(p_j|i / q_j|i) between the teacher's and the student's conditional probabilities that image i
 * has j as its neighbour. They come from the kernel K(a, b) = (cos(a, b) + 1) / 2, normalised over
 * the batch. Widths of the two networks need not agree. Several layers are summed.
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
 * @param on the layers that are compared
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/1803.10837">Learning Deep Representations with Probabilistic
 *     Knowledge Transfer</a>
 */
record Pkt(List<LayerPair> on, double weight, double crossEntropy) implements LayerLoss {
  /** The weight is RepDistiller's and mdistiller's for CIFAR-100, where batches have 64 images. */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "pkt",
          new Pkt(List.of(LayerPair.of(Activations.EMBEDDING)), 30000, 1),
          "which neighbours an image has among the batch's embeddings",
          "Passalis and Tefas 2018, section 3");

  private static final double EPSILON = 1e-7;

  /** The size of the batches that the public weights are for. */
  private static final double AUTHORS_BATCH = 64;

  public Pkt {
    on = ObjectiveSettings.atLeastOne(on);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  /** The term: {@link #meanOverPairs} · N / 64. */
  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
    return Tensors.scaled(meanOverPairs(student, teacher), student.size(0) / AUTHORS_BATCH);
  }

  /**
   * The authors' term, the mean over pairs of images.
   *
   * @param student activations {@code [N, …]}
   * @param teacher activations {@code [N, …]}, of any shape
   * @return a scalar
   */
  static Tensor meanOverPairs(Tensor student, Tensor teacher) {
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
    Tensor kernel = Tensors.scaled(directions.mm(directions.t()).add(new Scalar(1.0)), 0.5);
    return kernel.div(kernel.sum(1).unsqueeze(1));
  }
}
