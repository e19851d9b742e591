package dev.retort.distill;

import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Similarity-preserving distillation (Tung and Mori 2019, section 3): ‖G_t − G_s‖²_F / N², where G
 * is the N×N matrix of inner products of the batch's activations, each row divided by its norm.
 * Shapes of the two networks need not agree. Several layers are summed.
 *
 * @param weight the factor of the term
 * @param on the layers that are compared
 */
public record SimilarityPreserving(double weight, List<LayerPair> on) implements Objective {

  /** YAML: {@code sp: {on: [stage:3], weight: 3000, crossEntropy: 1}}. */
  @NullUnmarked
  public record Settings(
      @Nullable List<LayerPair> on, @Nullable Double weight, @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      on = ObjectiveSettings.layers(on, "stage:3");
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 3000.0 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 1.0 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      on.forEach(pair -> pair.requireIn(pairing));
      return CrossEntropy.beside(new SimilarityPreserving(weight, on), crossEntropy);
    }
  }

  /** The least norm that a row is divided by. */
  private static final double EPSILON = 1e-12;

  @Override
  public String name() {
    return "sp";
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
    return LayerPair.sum(on, step, SimilarityPreserving::loss);
  }

  /**
   * The mean over pairs of images.
   *
   * @param student activations {@code [N, …]}
   * @param teacher activations {@code [N, …]}, of any shape
   * @return a scalar
   */
  public static Tensor loss(Tensor student, Tensor teacher) {
    return similarities(teacher).sub(similarities(student)).square().mean();
  }

  private static Tensor similarities(Tensor activations) {
    Tensor rows = activations.flatten(1, -1);
    Tensor gram = rows.mm(rows.t());
    return gram.div(Tensors.norms(gram, 1).clamp_min(new Scalar(EPSILON)));
  }
}
