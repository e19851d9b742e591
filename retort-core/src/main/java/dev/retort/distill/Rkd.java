package dev.retort.distill;

import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Relational knowledge distillation (Park et al. 2019, section 3.2): w_d · mean h(ψ_D(t_i, t_j) −
 * ψ_D(s_i, s_j)) + w_a · mean h(ψ_A(t_i, t_j, t_k) − ψ_A(s_i, s_j, s_k)). Here h is Huber's loss.
 * ψ_D is the distance of two images divided by the mean distance in the batch, and ψ_A the cosine
 * of the angle that three images form. Widths of the two networks need not agree. Several layers
 * are summed.
 *
 * <p>As in the authors' code, both are means over all N² pairs and N³ triples, an image with itself
 * included (the paper sums over distinct images). Squared distances are at least 1e-12, and the
 * mean distance is taken over the positive ones. Where two images coincide the angles at them are
 * 0, with derivative 0; there the code's derivative is of the order 1e12. Memory is N³ numbers, and
 * N²·d for width d.
 *
 * @param distance w_d
 * @param angle w_a
 * @param on the layers that are compared
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/1904.05068">Relational Knowledge Distillation</a>
 */
record Rkd(double distance, double angle, List<LayerPair> on, double weight, double crossEntropy)
    implements LayerLoss {
  /**
   * The factors are RepDistiller's and mdistiller's for CIFAR-100; the weight is a tenth of theirs,
   * with which resnet8 ends below the labels alone on the bundled images
   * (docs/results/cifar10-presets.md).
   */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "rkd",
          new Rkd(25, 50, List.of(LayerPair.of(Activations.EMBEDDING)), 0.1, 1),
          "distances and angles among the batch's embeddings",
          "Park et al. 2019, section 3.2");

  /** The least squared distance, and the least length that a difference is divided by. */
  private static final double EPSILON = 1e-12;

  public Rkd {
    ObjectiveSettings.notNegative("distance", distance);
    ObjectiveSettings.notNegative("angle", angle);
    ObjectiveSettings.notBothZero("distance", distance, "angle", angle);
    on = ObjectiveSettings.atLeastOne(on);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  /** The sum of both relations. */
  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
    Tensor ofStudent = differences(student);
    Tensor ofTeacher = differences(teacher);
    Tensor distances = torch.smooth_l1_loss(distances(ofStudent), distances(ofTeacher));
    Tensor angles = torch.smooth_l1_loss(cosines(ofStudent), cosines(ofTeacher));
    return Tensors.scaled(distances, distance).add(Tensors.scaled(angles, angle));
  }

  /** Element {@code [i, j]} is activation j minus activation i: {@code [N, N, d]}. */
  private static Tensor differences(Tensor activations) {
    Tensor rows = activations.flatten(1, -1);
    return rows.unsqueeze(0).sub(rows.unsqueeze(1));
  }

  /** ψ_D, {@code [N, N]}: lengths divided by their mean. */
  private static Tensor distances(Tensor differences) {
    Tensor itself = torch.eye(differences.size(0), differences.options()).to(torch.ScalarType.Bool);
    Tensor lengths =
        differences
            .square()
            .sum(2)
            .clamp_min(new Scalar(EPSILON))
            .sqrt()
            .masked_fill(itself, new Scalar(0.0));
    Tensor positive = lengths.gt(new Scalar(0.0)).sum();
    // The two lower bounds matter only to a batch of one image, whose mean is 0 / 0 without them.
    Tensor mean = lengths.sum().div(positive.clamp_min(new Scalar(1)));
    return lengths.div(mean.clamp_min(new Scalar(EPSILON)));
  }

  /** ψ_A: element {@code [i, j, k]} is the cosine of the angle at i between j and k. */
  private static Tensor cosines(Tensor differences) {
    Tensor directions = Tensors.directions(differences);
    return directions.bmm(directions.transpose(1, 2));
  }
}
