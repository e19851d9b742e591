package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.Processor;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.system.Sha256;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Protects: kept outputs of a teacher are not taken for what other code computes. Whoever changes
 * where a frozen network folds, fuses or rounds fails here, and raises its version; {@code
 * FrozenNetworkTest} says whether it is right.
 *
 * <p>The network's weights and images are small integers, so that every sum is exact in fp32: the
 * bits are those of every processor and order of summation, and depend on where values are rounded.
 */
class FrozenNetworkVersionTest {
  private static final Set<String> TAPS =
      new TreeSet<>(
          Set.of(
              Activations.stage(1),
              Activations.stage(2),
              Activations.stage(3),
              Activations.EMBEDDING));

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  @Test
  void whoeverChangesFoldingRaisesTheVersion() {
    try (TensorScope scope = TensorScope.open()) {
      Operation.Convolution convolution =
          new Operation.Convolution(made(1, 7, 5, 3, 3), made(2, 7), 1, 1, 1);
      Operation.Normalization normalization =
          new Operation.Normalization(made(3, 7), made(4, 7), made(5, 7), made(6, 7), 0.1, 1e-5);
      Sha256 sha = new Sha256();
      for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.BFloat16}) {
        Operation.Convolution folded = convolution.folded(normalization, type);
        add(sha, folded.weight().contiguous());
        add(sha, Objects.requireNonNull(folded.bias()));
      }
      assertPinned(sha.hex(), "637e4a27d559e9af4acec40fd85361d4e9c9464a5505ab5b55429dfb35140345");
    }
  }

  @Test
  void whoeverChangesWhatIsRoundedIn32BitsRaisesTheVersion() {
    assertPinned(
        said(Precision.FP32), "98952051774ead685330c78446ad6547cf1e4c9aff5416c3d168689fbe644c08");
  }

  @Test
  void whoeverChangesWhatIsFusedOrRoundedInBfloat16RaisesTheVersion() {
    assumeTrue(Processor.multipliesBfloat16(), "this processor has no bf16");
    assertPinned(
        said(Precision.BF16), "7848dde7ca2b9dfad8f554e94eb67a0dcd6d87320bb08c2e4a6e3d14325e2a6c");
  }

  private static String said(Precision precision) {
    try (TensorScope scope = TensorScope.open()) {
      Network network =
          Networks.create(
              "resnet8", ImageShape.CIFAR, 10, ScalarType.Float, RandomSource.of(1, "version"));
      for (Map.Entry<String, Tensor> entry : network.state().all().entrySet()) {
        fill(entry.getValue(), values(entry.getKey(), entry.getValue()));
      }
      Tensor images = Tensors.of(new float[2 * ImageShape.CIFAR.values()], 2, 3, 32, 32);
      fill(images, i -> i * 7919L % 7 - 3);
      Activations said = new FrozenNetwork(network, precision, Device.CPU).apply(images, TAPS);
      Sha256 sha = new Sha256();
      TAPS.forEach(tap -> add(sha, said.get(tap).contiguous()));
      return sha.hex();
    }
  }

  /** One weight of five is 1 or −1; normalisation adds −1, 0 or 1 and scales by 1. */
  private static IntToDoubleFunction values(String name, Tensor tensor) {
    if (name.endsWith("running_var")) {
      return i -> 1 - 1e-5;
    }
    if (name.endsWith("running_mean")) {
      return i -> 0;
    }
    if (tensor.dim() == 1) {
      return name.endsWith("weight") ? i -> 1 : i -> i % 3 - 1;
    }
    return i -> i * 7919L % 251 % 5 == 0 ? i * 104729L % 241 % 2 * 2 - 1 : 0;
  }

  /** Values in (0, 1), others for each seed. */
  private static Tensor made(int seed, long... shape) {
    Tensor tensor = torch.zeros(shape);
    fill(tensor, i -> (i * 7919L + seed * 31L) % 251 / 252.0 + 0.001);
    return tensor;
  }

  private static void fill(Tensor tensor, IntToDoubleFunction values) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      double[] all = new double[(int) tensor.numel()];
      for (int i = 0; i < all.length; i++) {
        all[i] = values.applyAsDouble(i);
      }
      tensor.copy_(Tensors.of(all, tensor.shape()));
    }
  }

  private static void add(Sha256 sha, Tensor tensor) {
    sha.bytes(Tensors.bytes(tensor));
  }

  private static void assertPinned(String digest, String pinned) {
    assertThat(FrozenNetwork.VERSION + " " + digest)
        .as("a frozen network computes other bits: raise FrozenNetwork.VERSION, and pin it here")
        .isEqualTo("1 " + pinned);
  }
}
