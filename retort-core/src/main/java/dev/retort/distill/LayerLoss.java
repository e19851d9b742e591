package dev.retort.distill;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A loss of one or several layers of both networks that learns nothing itself, summed over the
 * layers. A record that implements it is the whole objective, as with a {@link LogitLoss}. Unless a
 * loss overrides it, the value is one of relations among the images of a batch, and layers may have
 * any shape.
 */
public interface LayerLoss extends Objective, ObjectiveSettings {
  /**
   * The layers that are compared. Null where the networks decide: such a loss overrides {@link
   * #build}, and gives its objective layers there (see {@link LayerPair#stages}).
   */
  @Nullable List<LayerPair> on();

  /** The weight of the student's error on the labels beside it; 0 for none. */
  double crossEntropy();

  /**
   * The value of one layer, before {@link #weight()}.
   *
   * @param student activations {@code [N, …]}
   * @param teacher activations {@code [N, …]}
   * @return a scalar
   */
  Tensor loss(Tensor student, Tensor teacher);

  @Override
  default Tensor loss(Step step) {
    return LayerPair.sum(layers(), step, this::loss);
  }

  @Override
  default Set<String> studentTaps() {
    return LayerPair.ofStudent(layers());
  }

  @Override
  default Set<String> teacherTaps() {
    return LayerPair.ofTeacher(layers());
  }

  @Override
  default List<Objective> build(Pairing pairing) {
    layers().forEach(pair -> pair.requireIn(pairing));
    return CrossEntropy.beside(this, crossEntropy());
  }

  private List<LayerPair> layers() {
    return Objects.requireNonNull(on(), "on");
  }
}
