package dev.retort.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
