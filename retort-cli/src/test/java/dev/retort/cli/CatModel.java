package dev.retort.cli;

import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A model that answers "cat" with probability 1/2 and anything else with 1/18, whatever it sees.
 */
final class CatModel {
  /** The number of the class. */
  static final int CAT = 3;

  private CatModel() {}

  /** Saves it, and says where. */
  static String save(Path folder) {
    Splits data = DatasetSource.parse("cifar10-mini", Path.of("")).open();
    Path file = folder.resolve("cat.safetensors");
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Network network =
          Networks.create(
              "resnet8", ImageShape.CIFAR, 10, ScalarType.Float, RandomSource.of(1, "test"));
      double[] bias = new double[10];
      bias[CAT] = Math.log(9);
      parameter(network, "fc.weight").zero_();
      parameter(network, "fc.bias").copy_(Tensors.of(bias, 10));
      ModelInfo info =
          new ModelInfo(data.classes(), data.statistics(), Map.of("configuration", "none"));
      ModelFile.save(network, info, file, TensorType.F32);
    }
    return file.toString();
  }

  private static Tensor parameter(Network network, String name) {
    return Objects.requireNonNull(network.state().parameters().get(name));
  }
}
