package dev.retort.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import java.nio.file.Path;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class UntrainedNetworkTest {
  private static final Splits DATA = DatasetSource.parse("cifar10-mini", Path.of("")).open();

  /** The variance of the convolved images is computed here by a plain call of LibTorch. */
  @Test
  void theFirstNormalisationHasTheStatisticsOfTrainingImages() {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Network network = UntrainedNetwork.of("resnet20", DATA).network();
      Tensor variance = Objects.requireNonNull(network.state().buffers().get("bn1.running_var"));
      Tensor kernels = Objects.requireNonNull(network.state().parameters().get("conv1.weight"));
      float[] found = Tensors.toFloats(variance);
      float[] expected = Tensors.toFloats(variances(kernels));

      assertThat(found).hasSize(16);
      for (int c = 0; c < found.length; c++) {
        assertThat(found[c]).isCloseTo(expected[c], within(0.1f * expected[c]));
      }
    }
  }

  private static Tensor variances(Tensor kernels) {
    try (BatchStream stream =
        BatchStream.evaluation(
            Subset.drawn(DATA.train(), 256, RandomSource.of(0, "candidates' images")),
            DATA.inputShape(),
            DATA.statistics(),
            256,
            Precision.FP32)) {
      Tensor images = stream.all().iterator().next().images();
      Tensor maps =
          torch.conv2d(
              images,
              kernels,
              new TensorOptional(),
              new long[] {1, 1},
              new long[] {1, 1},
              new long[] {1, 1},
              1);
      return maps.transpose(0, 1).flatten(1L, -1L).var(new long[] {1}, true, false);
    }
  }
}
