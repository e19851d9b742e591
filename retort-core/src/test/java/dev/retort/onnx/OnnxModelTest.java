package dev.retort.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class OnnxModelTest {
  @TempDir Path folder;

  private static Message external(String name, String location) {
    Message entry =
        new Message().text(OnnxField.ENTRY_KEY, "location").text(OnnxField.ENTRY_VALUE, location);
    return new Message()
        .text(OnnxField.TENSOR_NAME, name)
        .number(OnnxField.TENSOR_TYPE, OnnxField.FLOAT)
        .number(OnnxField.TENSOR_DIMENSION, 1)
        .message(OnnxField.TENSOR_EXTERNAL, entry);
  }

  /** Three tensors in files of 100 and 1000 bytes. */
  @Test
  void theWeightsBesideAFileCountOnceEach() throws IOException {
    Message graph =
        new Message()
            .message(OnnxField.GRAPH_INITIALIZER, external("a", "model.onnx.data"))
            .message(OnnxField.GRAPH_INITIALIZER, external("b", "model.onnx.data"))
            .message(OnnxField.GRAPH_INITIALIZER, external("c", "more"));
    byte[] model = new Message().message(OnnxField.MODEL_GRAPH, graph).toBytes().toByteArray();
    Path file = Files.write(folder.resolve("model.onnx"), model);
    Files.write(folder.resolve("model.onnx.data"), new byte[100]);
    Files.write(folder.resolve("more"), new byte[1000]);

    assertThat(OnnxModel.read(file).bytes()).isEqualTo(model.length + 1100);
  }

  private static Message tensor(int type, long... shape) {
    Message tensor = new Message().number(OnnxField.TENSOR_TYPE, type);
    for (long length : shape) {
      tensor.number(OnnxField.TENSOR_DIMENSION, length);
    }
    return tensor;
  }

  private static Message constant(String name, Message tensor) {
    return new Message()
        .text(OnnxField.NODE_OPERATOR, "Constant")
        .text(OnnxField.NODE_OUTPUT, name)
        .message(
            OnnxField.NODE_ATTRIBUTE, new Message().message(OnnxField.ATTRIBUTE_TENSOR, tensor));
  }

  private Message batchNormalization() {
    Message node = new Message().text(OnnxField.NODE_OPERATOR, "BatchNormalization");
    List.of("x", "scale", "bias", "mean", "variance")
        .forEach(input -> node.text(OnnxField.NODE_INPUT, input));
    return node.text(OnnxField.NODE_OUTPUT, "y");
  }

  /** Four channels: a scale and a bias each. Of 8-bit weights the number is not told. */
  @Test
  void runningStatisticsAreNoParametersAndQuantizedWeightsAreNotCounted() throws IOException {
    Message graph = new Message().message(OnnxField.GRAPH_NODE, batchNormalization());
    for (String name : List.of("scale", "bias", "mean", "variance")) {
      graph.message(
          OnnxField.GRAPH_INITIALIZER,
          tensor(OnnxField.FLOAT, 4).text(OnnxField.TENSOR_NAME, name));
    }
    byte[] floating = new Message().message(OnnxField.MODEL_GRAPH, graph).toBytes().toByteArray();
    graph.message(
        OnnxField.GRAPH_INITIALIZER,
        tensor(OnnxField.INT8, 4, 3, 5, 5).text(OnnxField.TENSOR_NAME, "w"));
    byte[] quantized = new Message().message(OnnxField.MODEL_GRAPH, graph).toBytes().toByteArray();

    assertThat(OnnxModel.read(Files.write(folder.resolve("a.onnx"), floating)).parameters())
        .isEqualTo(8);
    assertThat(OnnxModel.read(Files.write(folder.resolve("b.onnx"), quantized)).parameters())
        .isNull();
  }

  /** Some exporters have every weight in a node of its own, as they have an operator's numbers. */
  @Test
  void theWeightsInConstantNodesAreParametersAndTheNumbersOfOperatorsAreNot() throws IOException {
    Message graph =
        new Message()
            .message(OnnxField.GRAPH_NODE, constant("w", tensor(OnnxField.FLOAT, 4, 3, 5, 5)))
            .message(OnnxField.GRAPH_NODE, constant("scale", tensor(OnnxField.FLOAT, 1)))
            .message(OnnxField.GRAPH_NODE, constant("shape", tensor(7, 2, 2))) // of int64
            .message(
                OnnxField.GRAPH_NODE,
                new Message()
                    .text(OnnxField.NODE_OPERATOR, "Conv")
                    .text(OnnxField.NODE_INPUT, "x")
                    .text(OnnxField.NODE_INPUT, "w")
                    .text(OnnxField.NODE_INPUT, "b")
                    .text(OnnxField.NODE_OUTPUT, "y"))
            .message(
                OnnxField.GRAPH_INITIALIZER,
                tensor(OnnxField.FLOAT, 4).text(OnnxField.TENSOR_NAME, "b"))
            .message(OnnxField.GRAPH_INPUT, new Message().text(OnnxField.VALUE_NAME, "x"))
            .message(OnnxField.GRAPH_INPUT, new Message().text(OnnxField.VALUE_NAME, "w"));
    byte[] bytes = new Message().message(OnnxField.MODEL_GRAPH, graph).toBytes().toByteArray();

    OnnxModel model = OnnxModel.read(Files.write(folder.resolve("model.onnx"), bytes));

    assertThat(model.parameters()).isEqualTo(4 * 3 * 5 * 5 + 4);
    assertThat(model.parameters(model.nodes().get(3))).isEqualTo(4 * 3 * 5 * 5 + 4);
    assertThat(model.constant("w")).containsExactly(4, 3, 5, 5);
    assertThat(model.constant("scale")).containsExactly(1);
    assertThat(model.inputs()).extracting(OnnxModel.Value::name).containsExactly("x");
  }
}
