package dev.retort.distill;

import dev.retort.engine.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Attention transfer (Zagoruyko and Komodakis 2017, eq. 2): for each pair of feature maps the
 * distance of the normalised spatial attention, Q_s/‖Q_s‖ − Q_t/‖Q_t‖, where Q sums the squared
 * activations over channels (eq. 1, F²_sum). It has no parameters, and channel counts need not
 * match.
 *
 * <p>The paper takes the norm of the difference and a factor β/2. The authors' code, RepDistiller
 * and mdistiller, which this follows, take the mean of its squares over images and positions, which
 * is why the weight is as large as 1000 there. Several pairs add up.
 *
 * @param on the pairs of feature maps; null for all stages that both networks have
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/1612.03928">Paying More Attention to Attention</a>
 */
record AttentionTransfer(@Nullable List<LayerPair> on, double weight, double crossEntropy)
    implements LayerLoss {
  /**
   * The weight is a tenth of RepDistiller's and mdistiller's for CIFAR-100, with which resnet8 ends
   * below the labels alone (docs/results/cifar10-presets.md).
   */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "attention-transfer",
          new AttentionTransfer(null, 100, 1),
          "where the teacher's feature maps are active",
          "Zagoruyko and Komodakis 2017, equation 2");

  private static final double EPSILON = 1e-12;

  public AttentionTransfer {
    on = on == null ? null : ObjectiveSettings.atLeastOne(on);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public List<Objective> build(Pairing pairing) {
    List<LayerPair> pairs = on == null ? LayerPair.stages(pairing) : on;
    pairs.forEach(pair -> pair.requireMaps(pairing));
    return CrossEntropy.beside(new AttentionTransfer(pairs, weight, crossEntropy), crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public boolean isMeanOverImages() {
    return true;
  }

  /**
   * The term of one pair of maps; the larger is first pooled to the size of the smaller.
   *
   * @param student {@code [N, C_s, H_s, W_s]}
   * @param teacher {@code [N, C_t, H_t, W_t]}
   * @return a scalar
   */
  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
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
  static Tensor attention(Tensor map) {
    Tensor energy = map.square().mean(1).flatten(1, -1);
    return energy.div(Tensors.norms(energy, 1).clamp_min(new Scalar(EPSILON)));
  }
}
