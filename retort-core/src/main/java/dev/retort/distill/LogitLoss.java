package dev.retort.distill;

import dev.retort.network.Activations;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss of both networks' logits that learns nothing itself. A record that implements it is the
 * whole objective: its components, {@code weight} and {@code crossEntropy} among them, are the keys
 * in YAML, and the instance in its {@link ObjectiveKind} has their defaults. Unless a loss
 * overrides it, the value is a mean over images.
 */
public interface LogitLoss extends Objective, ObjectiveSettings {
  /** The weight of the student's error on the labels beside it; 0 for none. */
  double crossEntropy();

  /**
   * The value before {@link #weight()}.
   *
   * @param student logits {@code [N, classes]}; neither these nor the teacher's are changed in
   *     place
   * @param teacher logits {@code [N, classes]}, without gradient
   * @return a scalar with the student's gradient
   */
  Tensor loss(Tensor student, Tensor teacher);

  @Override
  default Tensor loss(Step step) {
    return loss(step.student().logits(), step.teacher().logits());
  }

  @Override
  default Set<String> teacherTaps() {
    return Set.of(Activations.LOGITS);
  }

  @Override
  default boolean isMeanOverImages() {
    return true;
  }

  @Override
  default List<Objective> build(Pairing pairing) {
    return CrossEntropy.beside(this, crossEntropy());
  }
}
