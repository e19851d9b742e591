package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The zoo against the same networks in plain PyTorch: {@code src/test/python/golden_networks.py}
 * made the file, with weights and images from a formula that stands here a second time.
 */
class GoldenNetworksTest {
  private static final JsonNode GOLDEN = golden();
  private static final int CLASSES = 5;

  /** Relative; float64 leaves about 1e-12 after so many layers. */
  private static final double TOLERANCE = 1e-9;

  static List<String> networks() {
    return List.copyOf(new TreeSet<>(fieldNames(GOLDEN)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void computesWhatThePeerComputes(String name) {
    JsonNode golden = GOLDEN.get(name);
    Engine.threads(1);
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      int height = golden.get("size").get(0).asInt();
      int width = golden.get("size").get(1).asInt();
      Network network =
          Networks.create(
              name,
              new ImageShape(3, height, width),
              CLASSES,
              ScalarType.Double,
              RandomSource.of(1, "overwritten"));
      assertThat(shapes(network)).isEqualTo(shapes(golden.get("state")));
      fill(network);
      Tensor images = Tensors.of(noise(2L * 3 * height * width, 1000), 2, 3, height, width);
      check(network, images, false, golden.get("evaluating"));
      check(network, images, true, golden.get("training"));
      checkSum(network, "running_mean", golden.get("runningMeans").asDouble());
      checkSum(network, "running_var", golden.get("runningVariances").asDouble());
    }
  }

  private static void check(Network network, Tensor images, boolean training, JsonNode golden) {
    JsonNode checksums = golden.get("checksums");
    Activations activations =
        ForwardPass.run(
            network,
            images,
            training,
            Set.copyOf(fieldNames(checksums)),
            Precision.FP64,
            Device.CPU);
    double[] logits = Tensors.toDoubles(activations.logits());
    assertThat(logits).hasSize(golden.get("logits").size());
    for (int i = 0; i < logits.length; i++) {
      double expected = golden.get("logits").get(i).asDouble();
      assertThat(logits[i])
          .as("logit %d", i)
          .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
    }
    for (String tap : fieldNames(checksums)) {
      double[] values = Tensors.toDoubles(activations.get(tap));
      double[] noise = noise(values.length, -1);
      double sum = 0;
      double magnitude = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[i] * noise[i];
        magnitude = Math.max(magnitude, Math.abs(values[i]));
      }
      assertThat(sum / values.length)
          .as(tap)
          .isCloseTo(checksums.get(tap).asDouble(), within(TOLERANCE * Math.max(1, magnitude)));
    }
  }

  private static void checkSum(Network network, String suffix, double expected) {
    double sum = 0;
    for (Map.Entry<String, Tensor> buffer : network.state().buffers().entrySet()) {
      if (buffer.getKey().endsWith(suffix)) {
        for (double value : Tensors.toDoubles(buffer.getValue())) {
          sum += value;
        }
      }
    }
    assertThat(sum).as(suffix).isCloseTo(expected, within(TOLERANCE * Math.abs(expected)));
  }

  /** The formula of the Python script: see {@code fill} there. */
  private static void fill(Network network) {
    int k = 0;
    for (Map.Entry<String, Tensor> each : new TreeMap<>(network.state().all()).entrySet()) {
      String name = each.getKey();
      Tensor tensor = each.getValue();
      if (!tensor.is_floating_point()) {
        continue;
      }
      long[] shape = tensor.shape();
      double scale = 0.1;
      double offset = 0;
      if (shape.length > 1) {
        scale = 2.4 / Math.sqrt((double) tensor.numel() / shape[0]);
      } else if (name.endsWith("running_var")) {
        scale = 0.5;
        offset = 1;
      } else if (name.endsWith("weight")) {
        scale = 0.2;
        offset = 1;
      }
      double[] values = noise(tensor.numel(), k++);
      for (int i = 0; i < values.length; i++) {
        values[i] = offset + scale * values[i];
      }
      tensor.copy_(Tensors.of(values, shape));
    }
  }

  /** {@code noise} of the Python script. */
  private static double[] noise(long count, long key) {
    double[] values = new double[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.floorMod((7L * i + 13) * i + 9973 * key, 1000003) / 500001.5 - 1;
    }
    return values;
  }

  private static Map<String, List<Long>> shapes(Network network) {
    Map<String, List<Long>> shapes = new TreeMap<>();
    network
        .state()
        .all()
        .forEach(
            (name, tensor) ->
                shapes.put(name, java.util.Arrays.stream(tensor.shape()).boxed().toList()));
    return shapes;
  }

  private static Map<String, List<Long>> shapes(JsonNode state) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (String name : fieldNames(state)) {
      List<Long> shape = new ArrayList<>();
      state.get(name).forEach(dimension -> shape.add(dimension.asLong()));
      shapes.put(name, shape);
    }
    return shapes;
  }

  private static List<String> fieldNames(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode golden() {
    try {
      return new JsonMapper()
          .readTree(GoldenNetworksTest.class.getResourceAsStream("golden/networks.json"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
