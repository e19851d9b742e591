package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.GlobalPooling;
import dev.retort.network.Operation.Pooling;
import dev.retort.network.Operation.Reduction;
import dev.retort.network.Operation.Scaling;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The fast CIFAR network of airbench (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds", section 3): a
 * frozen whitening convolution, three groups [convolution, 2×2 max-pooling, normalisation, GELU,
 * convolution, normalisation, GELU], a maximum over positions and a bias-free classifier scaled by
 * 1/9. It trains to a given accuracy in a fraction of a residual network's time, which is what a
 * teacher is for.
 *
 * <p>Stages 1 to 3 are the groups' outputs.
 */
final class AirNet extends ZooNetwork implements DataInitialized {
  private static final int WHITENING_KERNEL = 2;
  private static final double WHITENING_EPSILON = 5e-4;
  private static final double NORMALIZATION_MOMENTUM = 0.4;
  private static final double NORMALIZATION_EPSILON = 1e-5;
  private static final double LOGIT_SCALE = 1.0 / 9;

  private final Tensor whiteningWeight;
  private final Convolution whitening;
  private final List<Group> groups = new ArrayList<>();
  private final Linear head;

  /**
   * A network with the widths of its three groups: {64, 256, 256} in airbench94, {128, 384, 384} in
   * airbench95.
   *
   * @param input at least 29 pixels high and wide
   */
  public AirNet(String name, int[] widths, ImageShape input, int classes, State state) {
    super(name, input, classes, state);
    if (input.height() < 29 || input.width() < 29) {
      throw new IllegalArgumentException(
          name + " reads images of at least 29x29 pixels, not " + input);
    }
    long patch = (long) input.channels() * WHITENING_KERNEL * WHITENING_KERNEL;
    long whitened = 2 * patch;
    whiteningWeight =
        state.buffer(
            "whitening.weight", 0, whitened, input.channels(), WHITENING_KERNEL, WHITENING_KERNEL);
    Tensor bias = state.constant("whitening.bias", 0, whitened);
    whitening =
        new Convolution("whitening", new Operation.Convolution(whiteningWeight, bias, 1, 0, 1));
    long in = whitened;
    for (int width : widths) {
      groups.add(new Group(state, "groups." + groups.size(), in, width));
      in = width;
    }
    head = new Linear(state, "head", in, classes, false);
  }

  /**
   * Sets the first convolution to the eigenvectors of the covariance of all 2×2 patches, each
   * divided by the square root of its eigenvalue, and to their negatives. Computed in fp64: summed
   * in fp32, the covariance of millions of patches gets negative eigenvalues.
   */
  @Override
  public void initialize(Tensor images) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor patches = patches(images.to(ScalarType.Double));
      Tensor covariance = patches.t().matmul(patches).div(new Scalar(patches.size(0)));
      var decomposition = torch.linalg_eigh(covariance);
      Tensor values = decomposition.get0();
      Tensor vectors = decomposition.get1().t();
      Tensor scale = values.add(new Scalar(WHITENING_EPSILON)).sqrt().unsqueeze(1);
      Tensor filters = vectors.div(scale).flip(0);
      Tensor both = torch.cat(new TensorVector(filters, filters.neg()));
      whiteningWeight.copy_(both.reshape(whiteningWeight.shape()));
    }
  }

  private Tensor patches(Tensor images) {
    long channels = images.size(1);
    return images
        .unfold(2, WHITENING_KERNEL, 1)
        .unfold(3, WHITENING_KERNEL, 1)
        .permute(0, 2, 3, 1, 4, 5)
        .reshape(-1, channels * WHITENING_KERNEL * WHITENING_KERNEL);
  }

  @Override
  public Tensor forward(Tensor images, ForwardPass pass) {
    Tensor x = pass.apply(Activation.GELU, whitening.forward(images, pass));
    for (int i = 0; i < groups.size(); i++) {
      x = pass.tap(Activations.stage(i + 1), groups.get(i).forward(x, pass));
    }
    x = pass.tap(Activations.EMBEDDING, pass.apply(new GlobalPooling(Reduction.MAXIMUM), x));
    return pass.apply(new Scaling(LOGIT_SCALE), head.forward(x, pass));
  }

  /** Convolution, pooling, normalisation, GELU, convolution, normalisation, GELU. */
  private static final class Group {
    private final Convolution convolution1;
    private final BatchNormalization normalization1;
    private final Convolution convolution2;
    private final BatchNormalization normalization2;

    Group(State state, String name, long in, long out) {
      convolution1 = convolution(state, name + ".conv1", in, out);
      normalization1 = normalization(state, name + ".bn1", out);
      convolution2 = convolution(state, name + ".conv2", out, out);
      normalization2 = normalization(state, name + ".bn2", out);
    }

    Tensor forward(Tensor input, ForwardPass pass) {
      Tensor x = convolution1.forward(input, pass);
      x = normalization1.forward(pass.apply(new Pooling(Reduction.MAXIMUM, 2, 2, 0), x), pass);
      x = convolution2.forward(pass.apply(Activation.GELU, x), pass);
      return pass.apply(Activation.GELU, normalization2.forward(x, pass));
    }

    private static BatchNormalization normalization(State state, String name, long channels) {
      return new BatchNormalization(
          state, name, channels, NORMALIZATION_MOMENTUM, NORMALIZATION_EPSILON, false);
    }

    /**
     * The first {@code in} filters begin as the identity, so that the signal passes from the start.
     */
    private static Convolution convolution(State state, String name, long in, long out) {
      Convolution convolution = Convolution.pytorchDefault(state, name, in, out, 3, 1, 1);
      Tensor weight = convolution.weight();
      try (TensorScope scope = TensorScope.open();
          NoGrad noGrad = NoGrad.open()) {
        long identities = Math.min(in, out);
        Tensor first = weight.narrow(0, 0, identities);
        first.zero_();
        first.select(2, 1).select(2, 1).narrow(1, 0, identities).fill_diagonal_(new Scalar(1));
      }
      return convolution;
    }
  }
}
