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

/** Networks that have learnt nothing, and are saved as if they had learnt {@code cifar10-mini}. */
final class MadeModel {
  /** The number of the class that {@link #cat} answers. */
  static final int CAT = 3;

  private static final Splits DATA = DatasetSource.parse("cifar10-mini", Path.of("")).open();

  private MadeModel() {}

  /**
   * Saves one that answers "cat" with probability 1/2 and anything else with 1/18, whatever it
   * sees, and says where.
   */
  static String cat(Path folder) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Network network = create("resnet8", RandomSource.of(1, "test"));
      double[] bias = new double[10];
      bias[CAT] = Math.log(9);
      parameter(network, "fc.weight").zero_();
      parameter(network, "fc.bias").copy_(Tensors.of(bias, 10));
      return save(network, Map.of("configuration", "none"), folder.resolve("cat.safetensors"));
    }
  }

  private static Tensor parameter(Network network, String name) {
    return Objects.requireNonNull(network.state().parameters().get(name));
  }

  /** One that is not saved yet. */
  static Network create(String name, RandomSource random) {
    return Networks.create(name, ImageShape.CIFAR, 10, ScalarType.Float, random);
  }

  /** Saves one, and says where. */
  static String save(Network network, Map<String, String> provenance, Path file) {
    ModelInfo info = new ModelInfo(DATA.classes(), DATA.statistics(), provenance);
    ModelFile.save(network, info, file, TensorType.F32);
    return file.toString();
  }
}
