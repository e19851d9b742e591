package dev.retort.distill;

import dev.retort.data.Dataset;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Decoupled knowledge distillation (Zhao et al. 2022, equation 7): α·TCKD + β·NCKD, times T², mean
 * over images. With p = softmax(z / T) and y the label, TCKD is the divergence of the pairs (p_y, 1
 * − p_y), and NCKD that of p over the other classes alone, renormalised. Hinton's divergence is
 * TCKD + (1 − p_t,y)·NCKD (equation 6); here the second factor no longer shrinks where the teacher
 * is sure. Images without a label do not count.
 *
 * <p>The paper has no T²; its code, which we follow, has.
 *
 * @param alpha α, the factor of the label's class
 * @param beta β, the factor of the other classes, of which two classes have only one: no effect
 * @param temperature T, from 0.01 to 1000
 * @param warmUp the part of the training in which the term grows to its size; 0 for none
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/2203.08679">Decoupled Knowledge Distillation</a>
 */
public record Dkd(
    double alpha,
    double beta,
    double temperature,
    double warmUp,
    double weight,
    double crossEntropy)
    implements Objective, ObjectiveSettings {
  /**
   * The authors' code (mdistiller, {@code configs/cifar100/dkd}) has another β for each pair of
   * networks: 2 for ResNet-56 and ResNet-20 and for ResNet-110 and ResNet-32, which is the default;
   * 6 between wide networks and from VGG-13; 8 from ResNet-32x4 and ResNet-50 and from a wide
   * network to ShuffleNetV1.
   */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "dkd",
          new Dkd(1, 2, 4, WarmUp.DEFAULT_SHARE, 1, 1),
          "Hinton's divergence, the label's class and the others apart",
          "Zhao et al. 2022, equation 7");

  public Dkd {
    ObjectiveSettings.notNegative("alpha", alpha);
    ObjectiveSettings.notNegative("beta", beta);
    ObjectiveSettings.notBothZero("alpha", alpha, "beta", beta);
    ObjectiveSettings.temperature("temperature", temperature);
    WarmUp.requireShare(warmUp);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public List<Objective> build(Pairing pairing) {
    return CrossEntropy.beside(this, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public Set<String> teacherTaps() {
    return Set.of(Activations.LOGITS);
  }

  @Override
  public boolean isMeanOverImages() {
    return true;
  }

  @Override
  public Tensor loss(Step step) {
    Tensor full = loss(step.student().logits(), step.teacher().logits(), step.batch().labels());
    return WarmUp.grown(full, warmUp, step);
  }

  /**
   * The mean over the labelled images; 0 if there are none.
   *
   * @param student logits {@code [N, classes]}, at least two classes
   * @param teacher logits {@code [N, classes]}
   * @param labels {@code [N]} of 64-bit integers, {@link Dataset#UNLABELLED} where there is none
   * @return a scalar
   */
  public Tensor loss(Tensor student, Tensor teacher, Tensor labels) {
    Tensor classes = torch.arange(new Scalar(student.size(1)), labels.options());
    Tensor target = classes.eq(labels.clamp_min(new Scalar(0)).unsqueeze(1));
    Decoupled p = Decoupled.of(teacher, target, temperature);
    Decoupled q = Decoupled.of(student, target, temperature);

    Tensor targetClass =
        Hinton.divergence(p.label(), q.label()).add(Hinton.divergence(p.rest(), q.rest()));
    // Minus infinity at the label gives probability 0 there without a NaN in any derivative.
    Tensor share = p.others().masked_fill(target, new Scalar(Double.NEGATIVE_INFINITY)).exp();
    Tensor otherClasses = share.mul(p.others().sub(q.others())).sum(1);

    Tensor perImage = Tensors.scaled(targetClass, alpha).add(Tensors.scaled(otherClasses, beta));
    Tensor labelled = labels.ne(new Scalar(Dataset.UNLABELLED)).type_as(perImage);
    Tensor mean = perImage.mul(labelled).sum().div(labelled.sum().clamp_min(new Scalar(1)));
    return Tensors.scaled(mean, temperature * temperature);
  }

  /**
   * The logarithm of a network's softened probabilities, taken apart.
   *
   * @param label of the label's class, {@code [N]}
   * @param rest of all other classes together, {@code [N]}
   * @param others of each class among the others, {@code [N, classes]}; meaningless at the label
   */
  private record Decoupled(Tensor label, Tensor rest, Tensor others) {
    static Decoupled of(Tensor logits, Tensor target, double temperature) {
      Tensor log = torch.log_softmax(Tensors.scaled(logits, 1 / temperature), 1);
      Tensor label = log.masked_fill(target.logical_not(), new Scalar(0.0)).sum(1);
      Tensor rest = log.masked_fill(target, new Scalar(Double.NEGATIVE_INFINITY)).logsumexp(1);
      return new Decoupled(label, rest, log.sub(rest.unsqueeze(1)));
    }
  }
}
