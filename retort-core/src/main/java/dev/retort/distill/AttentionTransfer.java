package dev.retort.distill;

import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Attention transfer (Zagoruyko and Komodakis 2017, eq. 2): for each pair of feature maps the
 * distance of the normalised spatial attention, Q_s/‖Q_s‖ − Q_t/‖Q_t‖, where Q sums the squared
 * activations over channels (eq. 1, F²_sum). It has no parameters, and channel counts need not
 * match.
 *
 * <p>The paper takes the norm of the difference and a factor β/2. The authors' code, RepDistiller
 * and mdistiller, which this follows, take the mean of its squares over images and positions, which
 * is why the weight is as large as 1000. Several pairs add up.
 *
 * @param weight the factor of the term
 * @param on the pairs of feature maps
 */
public record AttentionTransfer(double weight, List<LayerPair> on) implements Objective {
  private static final double EPSILON = 1e-12;

  /**
   * YAML: {@code attention-transfer: {on: [stage:1, stage:2, stage:3], weight: 1000, crossEntropy:
   * 1}}, RepDistiller's and mdistiller's for CIFAR-100; without {@code on}, all stages that both
   * networks have.
   */
  @NullUnmarked
  public record Settings(
      @Nullable List<LayerPair> on, @Nullable Double weight, @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 1000.0 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 1.0 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      List<LayerPair> pairs = on == null ? LayerPair.stages(pairing) : on;
      pairs.forEach(pair -> pair.requireMaps(pairing));
      return CrossEntropy.beside(new AttentionTransfer(weight, pairs), crossEntropy);
    }
  }

  public AttentionTransfer {
    if (on.isEmpty()) {
      throw new IllegalArgumentException("on must name at least one layer");
    }
    on = List.copyOf(on);
  }

  @Override
  public String name() {
    return "attention-transfer";
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
  public boolean isMeanOverImages() {
    return true;
  }

  @Override
  public Tensor loss(Step step) {
    return LayerPair.sum(on, step, AttentionTransfer::loss);
  }

  /**
   * The term of one pair of maps; the larger is first pooled to the size of the smaller.
   *
   * @param student {@code [N, C_s, H_s, W_s]}
   * @param teacher {@code [N, C_t, H_t, W_t]}
   * @return a scalar
   */
  public static Tensor loss(Tensor student, Tensor teacher) {
    MapPair maps = MapPair.atCommonSize(student, teacher);
    return attention(maps.student()).sub(attention(maps.teacher())).square().mean();
  }

  /**
   * The normalised attention of each image: the mean over channels of the squares, divided by its
   * Euclidean norm (at least 1e-12).
   *
   * @param map {@code [N, C, H, W]}
   * @return {@code [N, H·W]}
   */
  public static Tensor attention(Tensor map) {
    Tensor energy = map.square().mean(1).flatten(1, -1);
    return energy.div(Tensors.norms(energy, 1).clamp_min(new Scalar(EPSILON)));
  }
}
