package dev.retort.distill;

import dev.retort.data.Dataset;
import dev.retort.engine.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The student's error on the labels, L(y | g(w_s, x)) in the talk: −mean log softmax(z)_y, with
 * smoothed targets (Szegedy et al. 2016, section 7) on request. Images without a label do not
 * count.
 *
 * @param weight the factor of the term
 * @param labelSmoothing ε in [0, 1): the target is (1 − ε) on the label plus ε / classes on every
 *     class
 * @see <a href="https://arxiv.org/abs/1512.00567">Rethinking the Inception Architecture for
 *     Computer Vision</a>
 */
public record CrossEntropy(double weight, double labelSmoothing)
    implements Objective, ObjectiveSettings {
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "cross-entropy",
          new CrossEntropy(1, 0),
          "the labels",
          "label smoothing: Szegedy et al. 2016, section 7");

  public CrossEntropy {
    ObjectiveSettings.notNegative("weight", weight);
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException("labelSmoothing must be in [0, 1), not " + labelSmoothing);
    }
  }

  @Override
  public List<Objective> build(Pairing pairing) {
    return List.of(this);
  }

  /** An objective and, unless the weight is 0, the error on the labels; the caller may add more. */
  public static List<Objective> beside(Objective objective, double weight) {
    List<Objective> objectives = new ArrayList<>(List.of(objective));
    if (weight != 0) {
      objectives.add(new CrossEntropy(weight, 0));
    }
    return objectives;
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public boolean isMeanOverImages() {
    return true;
  }

  @Override
  public Tensor loss(Step step) {
    return loss(step.student().logits(), step.batch().labels(), labelSmoothing);
  }

  /**
   * The mean over the labelled images; 0 where there are none.
   *
   * @param logits {@code [N, classes]}
   * @param labels {@code [N]} of 64-bit integers, {@link Dataset#UNLABELLED} where there is none
   * @return a scalar
   */
  public static Tensor loss(Tensor logits, Tensor labels, double labelSmoothing) {
    // Without asking the device: where no image has a label, any logits and labels will do, since
    // they count 0 times.
    Tensor none = labels.eq(new Scalar(Dataset.UNLABELLED)).all();
    Tensor mean =
        torch.cross_entropy_loss(
            logits.masked_fill(none, new Scalar(0.0)),
            labels.masked_fill(none, new Scalar(0)),
            Tensors.absent(),
            MEAN,
            Dataset.UNLABELLED,
            labelSmoothing);
    return mean.mul(none.logical_not().to(logits.scalar_type()));
  }

  private static final long MEAN = 1;
}
