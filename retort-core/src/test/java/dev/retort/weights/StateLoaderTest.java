package dev.retort.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.ImageShape;
import dev.retort.engine.Engine;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StateLoaderTest {
  private TensorScope scope;

  @BeforeEach
  void open() {
    Engine.threads(1);
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void copiesIntoTheLiveTensorsWhichKeepTheirGradient() {
    Network network = network("resnet8", 10, 1);
    Tensor live = network.state().get("layer1.0.conv1.weight");
    Map<String, Tensor> file = stateOf("resnet8", 10, 2);
    LoadReport report = StateLoader.load(network, file, "f.safetensors");
    assertThat(report.isComplete()).isTrue();
    assertThat(report.matched()).hasSize(file.size());
    assertThat(live.equal(named(file, "layer1.0.conv1.weight"))).isTrue();
    assertThat(live.requires_grad()).isTrue();
    assertThat(live.is_leaf()).isTrue();
  }

  @Test
  void halfPrecisionIsConvertedAndPrefixesLeftOut() {
    Network network = network("resnet8", 10, 1);
    Map<String, Tensor> file = new LinkedHashMap<>();
    stateOf("resnet8", 10, 2)
        .forEach(
            (name, tensor) ->
                file.put(
                    "model.module._orig_mod." + name,
                    tensor.is_floating_point() ? tensor.to(ScalarType.BFloat16) : tensor));
    StateLoader.load(network, file, "f.pth");
    Tensor loaded = network.state().get("fc.weight");
    assertThat(loaded.scalar_type().intern()).isEqualTo(ScalarType.Float);
    assertThat(Tensors.toFloats(loaded))
        .isEqualTo(Tensors.toFloats(named(file, "model.module._orig_mod.fc.weight")));
  }

  /** What is before every name of the file, and of the network's, belongs to the names. */
  @Test
  void aPrefixOfTheNetworksOwnStays() {
    Map<String, Tensor> file = stateOf("resnet8", 10, 2);
    file.keySet().removeIf(name -> !name.startsWith("fc."));
    assertThat(StateLoader.loadWhatFits(network("resnet8", 10, 1), file, "f.pth").matched())
        .containsExactlyInAnyOrder("fc.weight", "fc.bias");
  }

  @Test
  void batchCountersMayBeMissing() {
    Map<String, Tensor> file = stateOf("resnet8", 10, 2);
    file.keySet().removeIf(name -> name.endsWith("num_batches_tracked"));
    assertThat(StateLoader.load(network("resnet8", 10, 1), file, "old.pth").isComplete()).isTrue();
  }

  /** Who halves every tensor of a file halves these, too, as averages of models do. */
  @Test
  void batchCountersMayBeFractionsAndAnAveragesOwnCounterIsLeftOut() {
    Map<String, Tensor> file = new LinkedHashMap<>();
    file.put("n_averaged", Tensors.of(new long[] {7}));
    stateOf("resnet8", 10, 2)
        .forEach((name, tensor) -> file.put("module." + name, tensor.to(ScalarType.Half)));
    Network network = network("resnet8", 10, 1);

    assertThat(StateLoader.load(network, file, "average.pth").isComplete()).isTrue();
    assertThat(Tensors.toFloats(network.state().get("fc.bias")))
        .isEqualTo(Tensors.toFloats(named(file, "module.fc.bias")));
  }

  @Test
  void anIncompleteStateIsRefusedAndTheNetworkLeftAlone() {
    Network network = network("resnet8", 10, 1);
    double[] before = Tensors.toDoubles(network.state().get("conv1.weight"));
    Map<String, Tensor> file = stateOf("resnet8", 10, 2);
    Tensor bias = file.remove("fc.bias");
    file.put("head.bias", bias);
    file.put("bn1.weight", named(file, "bn1.weight").to(ScalarType.Long));
    file.put("bn1.bias", named(file, "bn1.bias").mul(new Scalar(Double.NaN)));
    assertThatThrownBy(() -> StateLoader.load(network, file, "f.pth"))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            "f.pth does not fit network resnet8 with 10 classes: "
                + (file.size() - 3)
                + " tensors fit resnet8"
                + "; 2 do not fit (bn1.weight: I64 in the file, bn1.bias: not all finite)"
                + "; 1 are missing (fc.bias); 1 are unexpected (head.bias)");
    assertThat(Tensors.toDoubles(network.state().get("conv1.weight"))).isEqualTo(before);
  }

  @Test
  void anotherNumberOfClassesIsSaid() {
    assertThatThrownBy(
            () -> StateLoader.load(network("resnet8", 10, 1), stateOf("resnet8", 100, 2), "c100"))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("with 10 classes")
        .hasMessageContaining("the file's classifier has 100 classes")
        .hasMessageContaining("fc.weight: [100, 64] in the file, [10, 64] in the network");
  }

  @Test
  void anotherWidthIsNotTakenForAnotherNumberOfClasses() {
    assertThatThrownBy(
            () -> StateLoader.load(network("resnet8", 16, 1), stateOf("resnet8x4", 16, 2), "x4"))
        .isInstanceOf(WeightsException.class)
        .hasMessageNotContaining("the file's classifier")
        .hasMessageContaining("conv1.weight: [32, 3, 3, 3] in the file");
  }

  @Test
  void whatFitsIsLoadedOnRequest() {
    Network network = network("resnet8", 10, 1);
    LoadReport report =
        StateLoader.loadWhatFits(network, stateOf("resnet8", 100, 2), "c100.safetensors");
    assertThat(report.classes()).hasValue(100);
    assertThat(report.unfit()).hasSize(2);
    assertThat(report.missing()).isEmpty();
    assertThatThrownBy(
            () -> StateLoader.loadWhatFits(network, Map.of("a", Tensors.of(new long[1], 1)), "w"))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("w has nothing for network resnet8");
  }

  private static Network network(String name, int classes, long seed) {
    return Networks.create(
        name, ImageShape.CIFAR, classes, ScalarType.Float, RandomSource.of(seed, "test"));
  }

  private static Map<String, Tensor> stateOf(String name, int classes, long seed) {
    Map<String, Tensor> copy = new LinkedHashMap<>();
    network(name, classes, seed)
        .state()
        .all()
        .forEach((key, value) -> copy.put(key, value.detach()));
    return copy;
  }

  private static Tensor named(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }
}
