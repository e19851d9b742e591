package dev.retort.distill;

import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Variational information distillation (Ahn et al. 2019, section 2): a Gaussian q(t | s) bounds the
 * mutual information of the teacher's feature map t and the student's s from below. It has a
 * learned mean μ(s) and a learned variance σ_c² for each channel. The loss is its negative
 * log-likelihood without constants: ½ [(t − μ(s))² / σ² + log σ²].
 *
 * <p>The following is as in the authors' code and RepDistiller. The mean is taken over images,
 * channels and positions, where the paper sums. μ is three 1×1 convolutions without bias and with
 * ReLU between, of the teacher's width. σ² is log(1 + exp(α)) + ε, with ε = 1e-5 and α such that σ²
 * is 5 at the start. Several pairs add up.
 *
 * @see <a href="https://arxiv.org/abs/1904.05835">Variational Information Distillation for
 *     Knowledge Transfer</a>
 */
final class Vid extends ConnectedLoss {
  private static final double LARGEST_VARIANCE = 1e6;

  private final List<Regression> regressions = new ArrayList<>();

  /** The values are RepDistiller's and mdistiller's for CIFAR-100. */
  static final ObjectiveKind KIND =
      new ObjectiveKind(
          "vid",
          new Settings(null, 5, 1e-5, 1, 1),
          "a bound of the mutual information of both networks' feature maps",
          "Ahn et al. 2019, section 2");

  /**
   * The keys in YAML.
   *
   * @param on the pairs of feature maps; null for all stages that both networks have
   * @param initialVariance σ² at the start, above {@code epsilon} and at most 10⁶
   * @param epsilon the least σ², from 1e-15 to 1
   * @param weight the factor of the term
   * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
   */
  public record Settings(
      @Nullable List<LayerPair> on,
      double initialVariance,
      double epsilon,
      double weight,
      double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      // 1 / σ⁴, which the gradient has, and σ² itself must be numbers in fp32.
      ObjectiveSettings.within("epsilon", epsilon, 1e-15, 1);
      ObjectiveSettings.weights(weight, crossEntropy);
      if (!(initialVariance > epsilon && initialVariance <= LARGEST_VARIANCE)) {
        throw new IllegalArgumentException(
            "initialVariance must be above epsilon and at most %s, not %s"
                .formatted(LARGEST_VARIANCE, initialVariance));
      }
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      List<LayerPair> pairs = on == null ? LayerPair.stages(pairing) : on;
      return CrossEntropy.beside(new Vid(this, pairs, pairing), crossEntropy);
    }
  }

  /** What is learned for one pair of maps. */
  private record Regression(
      LayerPair on, Tensor first, Tensor second, Tensor third, Tensor logScale, double epsilon) {
    static Regression declare(
        State state, String path, LayerPair on, Settings settings, Pairing pairing) {
      double epsilon = settings.epsilon();
      long in = pairing.studentShape(on.student())[0];
      long out = pairing.teacherShape(on.teacher())[0];
      return new Regression(
          on,
          state.weight(path + ".regressor.0.weight", out, in, 1, 1),
          state.weight(path + ".regressor.2.weight", out, out, 1, 1),
          state.weight(path + ".regressor.4.weight", out, out, 1, 1),
          state.constant(
              path + ".log_scale", Vid.logScale(settings.initialVariance(), epsilon), out),
          epsilon);
    }
  }

  /**
   * With new regressors for the pair of networks.
   *
   * @param on the pairs of feature maps
   * @throws IllegalArgumentException if a network lacks a layer, or a layer is no feature map
   */
  Vid(Settings settings, List<LayerPair> on, Pairing pairing) {
    super(KIND.name(), settings.weight(), on, pairing);
    for (LayerPair pair : on) {
      pair.requireMaps(pairing);
      String path = Integer.toString(regressions.size());
      regressions.add(Regression.declare(state, path, pair, settings, pairing));
    }
  }

  @Override
  public boolean isMeanOverImages() {
    return true;
  }

  /** The logarithm of a small variance is negative. */
  @Override
  public boolean isAtLeastZero() {
    return false;
  }

  @Override
  public Tensor loss(Step step) {
    return regressions.stream()
        .map(
            each ->
                loss(
                    step.student().get(each.on.student()),
                    step.teacher().get(each.on.teacher()),
                    each.first,
                    each.second,
                    each.third,
                    each.logScale,
                    each.epsilon))
        .reduce(Tensor::add)
        .orElseThrow();
  }

  /**
   * The term of one pair of maps; the larger is first pooled to the size of the smaller.
   *
   * @param student {@code [N, C_s, H_s, W_s]}
   * @param teacher {@code [N, C_t, H_t, W_t]}
   * @param first the first convolution of μ, {@code [M, C_s, 1, 1]}
   * @param second the second, {@code [M, M, 1, 1]}
   * @param third the third, {@code [C_t, M, 1, 1]}
   * @param logScale α, {@code [C_t]}
   * @param epsilon the least σ²
   * @return a scalar
   */
  static Tensor loss(
      Tensor student,
      Tensor teacher,
      Tensor first,
      Tensor second,
      Tensor third,
      Tensor logScale,
      double epsilon) {
    MapPair maps = MapPair.atCommonSize(student, teacher);
    Tensor hidden = torch.relu(ConnectorLayers.convolution(maps.student(), first, null));
    hidden = torch.relu(ConnectorLayers.convolution(hidden, second, null));
    Tensor mean = ConnectorLayers.convolution(hidden, third, null);
    return loss(mean, maps.teacher(), logScale, epsilon);
  }

  /**
   * The negative log-likelihood of the teacher's map.
   *
   * @param mean μ(s), {@code [N, C, H, W]}
   * @param teacher {@code [N, C, H, W]}
   * @param logScale α, {@code [C]}
   * @param epsilon the least σ²
   * @return a scalar
   */
  static Tensor loss(Tensor mean, Tensor teacher, Tensor logScale, double epsilon) {
    Tensor variance = torch.softplus(logScale).add(new Scalar(epsilon)).view(1, -1, 1, 1);
    Tensor squares = mean.sub(teacher).square().div(variance);
    return Tensors.scaled(squares.add(variance.log()).mean(), 0.5);
  }

  /** The α for which σ² has that value: log(exp(σ² − ε) − 1). */
  static double logScale(double variance, double epsilon) {
    double x = variance - epsilon;
    return x + Math.log(-Math.expm1(-x));
  }
}
