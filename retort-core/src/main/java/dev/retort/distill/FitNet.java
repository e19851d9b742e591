package dev.retort.distill;

import dev.retort.network.Activations;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Hints from an intermediate layer (FitNets; Romero et al. 2015, eq. 3): ½‖u_t(x) − r(u_s(x))‖²
 * with a learned regressor r from the student's map to the teacher's.
 *
 * <p>The scale is that of the public implementations (RepDistiller, mdistiller): the mean over
 * images, channels and positions, without the ½. The regressor is theirs, too: a 1×1 convolution
 * with bias and batch normalisation. Theirs ends in a ReLU, because the paper wants r to have the
 * teacher's nonlinearity; here that is a key. The schedule is theirs: one stage of training beside
 * the cross-entropy, where the paper first trains the lower half by the hint alone. Where the maps
 * differ in size the larger one is pooled first; RepDistiller has strided and transposed
 * convolutions there.
 *
 * <p>RepDistiller's default of {@code stage:2} is that of networks with three stages; of its VGG it
 * takes the third.
 *
 * @see <a href="https://arxiv.org/abs/1412.6550">FitNets: Hints for Thin Deep Nets</a>
 */
final class FitNet extends ConnectedLoss {
  private final boolean relu;
  private final Tensor convolution;
  private final Tensor bias;
  private final Tensor scale;
  private final Tensor shift;

  /**
   * The weight is RepDistiller's and mdistiller's for CIFAR-100. Their ReLU is left out, since it
   * cannot follow a teacher's map that has negative values.
   */
  static final ObjectiveKind KIND =
      new ObjectiveKind(
          "fitnet",
          new Settings(LayerPair.of(Activations.stage(2)), false, 100, 1),
          "a feature map of the teacher, through a learned regressor",
          "Romero et al. 2015, equation 3");

  /**
   * The keys in YAML.
   *
   * @param on the two feature maps
   * @param relu whether the regressor ends in a ReLU; false where the teacher's layer has negative
   *     values
   * @param weight the factor of the term
   * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
   */
  public record Settings(LayerPair on, boolean relu, double weight, double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      ObjectiveSettings.weights(weight, crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      return CrossEntropy.beside(new FitNet(this, pairing), crossEntropy);
    }
  }

  /**
   * With a new regressor for the pair of networks.
   *
   * @throws IllegalArgumentException if a network lacks its layer, or the layer is no feature map
   */
  FitNet(Settings settings, Pairing pairing) {
    super(KIND.name(), settings.weight(), List.of(settings.on()), pairing);
    LayerPair on = settings.on();
    on.requireMaps(pairing);
    this.relu = settings.relu();
    long in = pairing.studentShape(on.student())[0];
    long out = pairing.teacherShape(on.teacher())[0];
    this.convolution = state.weight("conv.weight", out, in, 1, 1);
    this.bias = state.bias("conv.bias", out, in, 1, 1);
    this.scale = state.constant("bn.weight", 1, out);
    this.shift = state.constant("bn.bias", 0, out);
  }

  @Override
  public Tensor loss(Step step) {
    return loss(student(step).get(0), teacher(step).get(0), convolution, bias, scale, shift, relu);
  }

  /**
   * The hint's loss of a student's map through the regressor; the larger map is first pooled to the
   * size of the smaller.
   *
   * @param student {@code [N, C_s, H_s, W_s]}
   * @param teacher {@code [N, C_t, H_t, W_t]}
   * @param convolution {@code [C_t, C_s, 1, 1]}
   * @param bias {@code [C_t]}
   * @param scale the batch normalisation's γ, {@code [C_t]}
   * @param shift the batch normalisation's β, {@code [C_t]}
   * @param relu whether the regressor ends in a ReLU
   * @return a scalar
   */
  static Tensor loss(
      Tensor student,
      Tensor teacher,
      Tensor convolution,
      Tensor bias,
      Tensor scale,
      Tensor shift,
      boolean relu) {
    MapPair maps = MapPair.atCommonSize(student, teacher);
    Tensor linear = ConnectorLayers.convolution(maps.student(), convolution, bias);
    Tensor normalized = ConnectorLayers.batchNormalization(linear, scale, shift);
    return torch.mse_loss(relu ? torch.relu(normalized) : normalized, maps.teacher());
  }
}
