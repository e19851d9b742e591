package dev.retort.distill;

import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Similarity-preserving distillation (Tung and Mori 2019, section 3): ‖G_t − G_s‖²_F / (64 N),
 * where G is the N×N matrix of inner products of the batch's activations, each row divided by its
 * norm. Shapes of the two networks need not agree. Several layers are summed.
 *
 * <p>The paper divides by N². But a row of G has the norm 1 whatever N is, so the paper's term is
 * as 1/N, and a weight belongs to one size of batch. The public weights are for batches of 64,
 * where the two terms are equal; here a weight is good for every N, the whole batch's where several
 * ranks share it. A weight w of the paper's term at batches of N is N / 64 times smaller here: 3000
 * at 128 is 1500.
 *
 * <p>Where an image's row of inner products is 0, it is compared as zeros and has no derivative;
 * the public code divides by 1e-12 there.
 *
 * <p>The public code compares the last map. That is {@code stage:3} of the ResNets for CIFAR, but
 * {@code stage:4} of torchvision's ResNets and of MobileNetV2, and {@code stage:5} of VGG, where
 * {@code on} should say so.
 *
 * @param on the layers that are compared
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/1907.09682">Similarity-Preserving Knowledge Distillation</a>
 */
record SimilarityPreserving(List<LayerPair> on, double weight, double crossEntropy)
    implements LayerLoss {
  /** The weight is RepDistiller's and mdistiller's for CIFAR-100, where batches have 64 images. */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "sp",
          new SimilarityPreserving(List.of(LayerPair.of(Activations.stage(3))), 3000, 1),
          "which images of a batch the teacher's activations find similar",
          "Tung and Mori 2019, section 3");

  /** The size of the batches that the public weights are for. */
  private static final double AUTHORS_BATCH = 64;

  public SimilarityPreserving {
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
   * The paper's term, ‖G_t − G_s‖²_F / N².
   *
   * @param student activations {@code [N, …]}
   * @param teacher activations {@code [N, …]}, of any shape
   * @return a scalar
   */
  static Tensor meanOverPairs(Tensor student, Tensor teacher) {
    return similarities(teacher).sub(similarities(student)).square().mean();
  }

  private static Tensor similarities(Tensor activations) {
    Tensor rows = activations.flatten(1, -1);
    return Tensors.directions(rows.mm(rows.t()));
  }
}
