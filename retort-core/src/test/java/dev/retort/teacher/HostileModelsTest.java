package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.retort.engine.Device;
import dev.retort.onnx.Message;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxModel;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that someone might send to do harm get one sentence. */
class HostileModelsTest {
  private static final Path FILES = Path.of("src/test/resources/dev/retort/teacher/external");

  @TempDir Path folder;

  private Path onnx(Message tensor) throws IOException {
    Message graph = new Message().message(OnnxField.GRAPH_INITIALIZER, tensor);
    Path file = folder.resolve("model.onnx");
    Files.write(file, new Message().message(OnnxField.MODEL_GRAPH, graph).toBytes().toByteArray());
    return file;
  }

  private static Message external(String location) {
    Message entry =
        new Message().text(OnnxField.ENTRY_KEY, "location").text(OnnxField.ENTRY_VALUE, location);
    return new Message()
        .text(OnnxField.TENSOR_NAME, "w")
        .number(OnnxField.TENSOR_TYPE, OnnxField.FLOAT)
        .number(OnnxField.TENSOR_DIMENSION, 1)
        .message(OnnxField.TENSOR_EXTERNAL, entry);
  }

  private static void assertRefused(Path file, String why) {
    assertThatThrownBy(
            () -> {
              if (file.toString().endsWith(".onnx")) {
                OnnxModel.read(file);
              } else {
                TorchScriptArchive.read(file);
              }
            })
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(why);
  }

  @Test
  void weightsOutsideTheModelsFolderAreNotRead() throws IOException {
    Path outside = Files.createTempFile("outside", ".bin");
    Files.createSymbolicLink(folder.resolve("link"), outside);

    assertRefused(onnx(external("../../secret")), "'../../secret', outside the model's folder");
    assertRefused(onnx(external("/etc/passwd")), "outside the model's folder");
    assertRefused(
        onnx(external("link")),
        "'link' with the tensor 'w' is a link to a place outside the model");
    assertRefused(onnx(external("gone.bin")), "is missing");
    Files.delete(outside);
  }

  @Test
  void weightsOutsideInAGraphWithinAGraphAreNotReadEither() throws IOException {
    Message inner = new Message().message(OnnxField.GRAPH_INITIALIZER, external("../x"));
    Message node =
        new Message()
            .text(OnnxField.NODE_OPERATOR, "If")
            .message(
                OnnxField.NODE_ATTRIBUTE, new Message().message(OnnxField.ATTRIBUTE_GRAPH, inner));
    Message graph = new Message().message(OnnxField.GRAPH_NODE, node);
    Path file = folder.resolve("nested.onnx");
    Files.write(file, new Message().message(OnnxField.MODEL_GRAPH, graph).toBytes().toByteArray());

    assertRefused(file, "outside the model's folder");
  }

  @Test
  void weightsOutsideInFunctionsAndSparseTensorsAreNotReadEither() throws IOException {
    Message attribute = new Message().message(OnnxField.ATTRIBUTE_TENSOR, external("../x"));
    Message node =
        new Message()
            .text(OnnxField.NODE_OPERATOR, "Constant")
            .message(OnnxField.NODE_ATTRIBUTE, attribute);
    Message function = new Message().message(OnnxField.FUNCTION_NODE, node);
    Message sparse = new Message().message(OnnxField.SPARSE_VALUES, external("../y"));
    Message graph = new Message().message(OnnxField.GRAPH_SPARSE_INITIALIZER, sparse);
    Message model = new Message().message(OnnxField.MODEL_GRAPH, new Message());
    Path ofFunction = folder.resolve("function.onnx");
    Files.write(
        ofFunction, model.message(OnnxField.MODEL_FUNCTION, function).toBytes().toByteArray());
    Path ofSparse = folder.resolve("sparse.onnx");
    Files.write(
        ofSparse, new Message().message(OnnxField.MODEL_GRAPH, graph).toBytes().toByteArray());

    assertRefused(ofFunction, "'../x', outside the model's folder");
    assertRefused(ofSparse, "would be read from another file");

    // A function's attribute has a default value, which its nodes may name.
    Message inDefault =
        new Message()
            .message(
                OnnxField.ATTRIBUTE_SPARSE_TENSOR,
                new Message().message(OnnxField.SPARSE_VALUES, external("../z")));
    Path ofDefault = folder.resolve("default.onnx");
    Files.write(
        ofDefault,
        new Message()
            .message(OnnxField.MODEL_GRAPH, new Message())
            .message(
                OnnxField.MODEL_FUNCTION,
                new Message().message(OnnxField.FUNCTION_ATTRIBUTE, inDefault))
            .toBytes()
            .toByteArray());
    assertRefused(ofDefault, "would be read from another file");

    Files.createDirectories(folder.resolve("*"));
    Files.createFile(folder.resolve("*/_ORT_MEM_ADDR_"));
    assertRefused(onnx(external("*/_ORT_MEM_ADDR_")), "outside the model's folder");
  }

  @Test
  void impossibleShapesAndOtherBytesAreNoModels() throws IOException {
    Message huge =
        new Message()
            .text(OnnxField.TENSOR_NAME, "w")
            .number(OnnxField.TENSOR_TYPE, OnnxField.FLOAT)
            .number(OnnxField.TENSOR_DIMENSION, 1L << 40)
            .number(OnnxField.TENSOR_DIMENSION, 1L << 40)
            .bytes(OnnxField.TENSOR_RAW, ByteString.copyFrom(new byte[4]));
    assertRefused(onnx(huge), "claims an impossible shape");

    byte[] whole = Files.readAllBytes(FILES.resolve("free.onnx"));
    Path cut = folder.resolve("cut.onnx");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertRefused(cut, "cut off");
    Path empty = folder.resolve("empty.onnx");
    Files.write(empty, new byte[0]);
    assertRefused(empty, "it has no graph");
    Path text = folder.resolve("text.onnx");
    Files.writeString(text, "not a model");
    assertRefused(text, "no ONNX model");
    assertRefused(folder.resolve("gone.onnx"), "no such file");
  }

  private Path graph(Message... nodes) throws IOException {
    Message graph =
        new Message()
            .message(OnnxField.GRAPH_INPUT, new Message().text(OnnxField.VALUE_NAME, "x"))
            .message(OnnxField.GRAPH_OUTPUT, new Message().text(OnnxField.VALUE_NAME, "logits"));
    for (Message node : nodes) {
      graph = graph.message(OnnxField.GRAPH_NODE, node);
    }
    Path file = folder.resolve("graph.onnx");
    Files.write(file, new Message().message(OnnxField.MODEL_GRAPH, graph).toBytes().toByteArray());
    return file;
  }

  private static Message node(String operator, String output) {
    return new Message()
        .text(OnnxField.NODE_OPERATOR, operator)
        .text(OnnxField.NODE_OUTPUT, output);
  }

  @Test
  void aGraphThatGoesRoundAndANodeWithoutInputsAreDamaged() throws IOException {
    Path round =
        graph(
            node("Identity", "logits").text(OnnxField.NODE_INPUT, "a"),
            node("Add", "a").text(OnnxField.NODE_INPUT, "logits"));
    assertThatThrownBy(() -> new OnnxClassifier(round, null, Device.CPU))
        .isInstanceOf(WeightsException.class)
        .hasMessage("graph.onnx: damaged: 'logits' is computed from itself");
    for (String operator : List.of("Gemm", "Softmax")) {
      Path bare = graph(node(operator, "logits"));
      assertThatThrownBy(() -> new OnnxClassifier(bare, null, Device.CPU))
          .isInstanceOf(WeightsException.class)
          .hasMessage("graph.onnx: damaged: a " + operator + " has no input");
    }
  }

  private Path archive(String name, byte[] content) throws IOException {
    Path file = folder.resolve("program.pt");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("program/constants.pkl"));
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content);
      zip.closeEntry();
    }
    return file;
  }

  @Test
  void archivesThatSwellReachOutOrAreNoProgramsAreRefused() throws IOException {
    assertRefused(archive("program/code/bomb.py", new byte[60_000_000]), "would take more memory");
    assertRefused(archive("program/../../x", new byte[1]), "leads out of the archive");
    byte[] whole = Files.readAllBytes(FILES.resolve("tuple.pt"));
    Path cut = folder.resolve("cut.pt");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertRefused(cut, "cut off");
  }
}
