package dev.retort.distill;

import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Knowledge review (Chen et al. 2021, section 3): a teacher's layer teaches the student's layer of
 * the same level and all deeper ones. From the deepest level to the shallowest, {@link
 * AttentionFusion} mixes the student's map with what the deeper levels made of theirs. The
 * hierarchical context loss compares the result with the teacher's map. It is the mean squared
 * difference of the maps and of their averages over grids of 4×4, 2×2 and 1×1 cells, with weights
 * 1, ½, ¼, ⅛, divided by the sum of the weights. Grids that are not smaller than the map are left
 * out.
 *
 * <p>The following is as in the authors' code for CIFAR. The levels are the stages and, above them,
 * the embedding as a map of one position. The common width is that of the student's embedding, at
 * most 512. The student's stages are read as they are (of most networks, after their activation),
 * the teacher's before it, where the teacher names that representation ({@code
 * stage:N:preactivation}). The authors let the term grow over the first 20 of 240 epochs, which is
 * the default of {@code warmUp}.
 *
 * @see <a href="https://arxiv.org/abs/2104.09044">Distilling Knowledge via Knowledge Review</a>
 */
final class ReviewKd extends ConnectedLoss {
  private static final int LARGEST_COMMON_WIDTH = 512;

  private final double warmUp;
  private final List<AttentionFusion> fusions = new ArrayList<>();

  /**
   * The authors' weights on CIFAR-100 ({@code CIFAR-100/script/reviewKD.sh}) are 0.6 for ResNet-56
   * and ResNet-20, which is the default, 1 for ResNet-110 and ResNet-32, and 5 for the others but 8
   * for ResNet-32x4 and ShuffleNetV2.
   */
  static final ObjectiveKind KIND =
      new ObjectiveKind(
          "review-kd",
          new Settings(null, 0.6, WarmUp.DEFAULT_SHARE, 1),
          "each feature map of the teacher, from the student's of that level and all deeper",
          "Chen et al. 2021, section 3");

  /**
   * The keys in YAML.
   *
   * @param on the levels from shallow to deep; null for the stages that both networks have and the
   *     embedding
   * @param weight the factor of the term
   * @param warmUp the part of the training in which the term grows to its size; 0 for none
   * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
   */
  public record Settings(
      @Nullable List<LayerPair> on, double weight, double warmUp, double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      WarmUp.requireShare(warmUp);
      ObjectiveSettings.weights(weight, crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      List<LayerPair> levels = on == null ? levels(pairing) : on;
      return CrossEntropy.beside(new ReviewKd(this, levels, pairing), crossEntropy);
    }

    private static List<LayerPair> levels(Pairing pairing) {
      List<LayerPair> levels = new ArrayList<>();
      for (LayerPair stage : LayerPair.stages(pairing)) {
        String preactivation = Activations.preactivation(levels.size() + 1);
        levels.add(
            pairing.teacherShapes().containsKey(preactivation)
                ? new LayerPair(preactivation, stage.student())
                : stage);
      }
      levels.add(LayerPair.of(Activations.EMBEDDING));
      return levels;
    }
  }

  /**
   * With new fusions for the pair of networks.
   *
   * @param on the levels from shallow to deep; a vector counts as a map of one position
   * @throws IllegalArgumentException if a network lacks a layer, or a layer is neither a feature
   *     map nor a vector
   */
  ReviewKd(Settings settings, List<LayerPair> on, Pairing pairing) {
    super(KIND.name(), settings.weight(), on, pairing);
    this.warmUp = settings.warmUp();
    on.forEach(level -> level.requireMapsOrVectors(pairing));
    int deepest = on.size() - 1;
    long middle =
        Math.min(LARGEST_COMMON_WIDTH, pairing.studentShape(on.get(deepest).student())[0]);
    for (int level = 0; level <= deepest; level++) {
      fusions.add(
          AttentionFusion.declare(
              state,
              Integer.toString(level),
              pairing.studentShape(on.get(level).student())[0],
              middle,
              pairing.teacherShape(on.get(level).teacher())[0],
              level == deepest));
    }
  }

  @Override
  public Tensor loss(Step step) {
    return WarmUp.grown(loss(student(step), teacher(step), fusions), warmUp, step);
  }

  /**
   * The sum over the levels.
   *
   * @param student maps {@code [N, C, H, W]} or vectors {@code [N, d]}, from shallow to deep; at
   *     least one
   * @param teacher likewise, as many
   * @param fusions likewise; the last one without attention
   * @return a scalar
   */
  static Tensor loss(List<Tensor> student, List<Tensor> teacher, List<AttentionFusion> fusions) {
    Tensor deeper = null;
    Tensor sum = null;
    for (int level = student.size() - 1; level >= 0; level--) {
      Tensor map = asMap(teacher.get(level));
      AttentionFusion.Fused fused =
          fusions.get(level).fuse(asMap(student.get(level)), deeper, map.size(2), map.size(3));
      Tensor term = hierarchicalContext(fused.compared(), map);
      sum = sum == null ? term : sum.add(term);
      deeper = fused.handedOn();
    }
    return Objects.requireNonNull(sum);
  }

  private static Tensor asMap(Tensor representation) {
    return representation.dim() == 2 ? representation.unsqueeze(2).unsqueeze(3) : representation;
  }

  /**
   * The hierarchical context loss of one level.
   *
   * @param student {@code [N, C, H, W]}
   * @param teacher {@code [N, C, H, W]}
   * @return a scalar
   */
  static Tensor hierarchicalContext(Tensor student, Tensor teacher) {
    Tensor sum = torch.mse_loss(student, teacher);
    double weight = 1;
    double weights = 1;
    for (long cells : new long[] {4, 2, 1}) {
      if (cells < Math.min(student.size(2), student.size(3))) {
        weight /= 2;
        weights += weight;
        Tensor difference =
            torch.mse_loss(
                torch.adaptive_avg_pool2d(student, cells, cells),
                torch.adaptive_avg_pool2d(teacher, cells, cells));
        sum = sum.add(Tensors.scaled(difference, weight));
      }
    }
    return sum.div(new Scalar(weights));
  }
}
