package dev.retort.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import dev.retort.system.FileFailure;
import dev.retort.system.Sha256;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX file as its metadata describe it, and with other outputs than its own: any value that it
 * computes can be one. The file stays as it is. What is read of it after {@link #read} throws a
 * {@link WeightsException}, too, if it is damaged there, or gone.
 */
public final class OnnxModel {
  /** How the name of an ONNX file ends. */
  public static final String ENDING = ".onnx";

  /** The most that a protocol buffer may have. */
  private static final long LARGEST = Integer.MAX_VALUE;

  private static final Set<Integer> FLOATING =
      Set.of(OnnxField.FLOAT, OnnxField.FLOAT16, OnnxField.DOUBLE, OnnxField.BFLOAT16);

  /** Among the inputs of a batch normalisation; the running variance comes behind it. */
  private static final int RUNNING_MEAN = 3;

  private static final Set<Integer> QUANTIZED = Set.of(OnnxField.INT8, OnnxField.UINT8);

  private final Path file;
  private final ParsedMessage model;
  private final ParsedMessage graph;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, long[]> constants = new HashMap<>();
  private final List<Path> files = new ArrayList<>();
  private final Map<String, Long> parameters = new HashMap<>();
  private boolean hasQuantizedWeights;

  /**
   * A node of the graph, not of the graphs inside it.
   *
   * @param operator {@code Conv}, {@code Gemm} …
   */
  public record Node(String operator, List<String> inputs, List<String> outputs) {}

  /**
   * What goes in or comes out.
   *
   * @param type a number of TensorProto.DataType
   * @param shape −1 where it is free; empty where the file does not say
   */
  public record Value(String name, int type, long[] shape) {}

  /** Whether a file is an ONNX file by its name. */
  public static boolean isNamed(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(ENDING);
  }

  private OnnxModel(Path file, ParsedMessage model) throws IOException {
    this.file = file;
    this.model = model;
    List<ParsedMessage> graphs = model.messages(OnnxField.MODEL_GRAPH);
    if (graphs.isEmpty()) {
      throw new WeightsException(file + ": no ONNX model: it has no graph");
    }
    this.graph = graphs.get(graphs.size() - 1);
    for (ParsedMessage node : graph.messages(OnnxField.GRAPH_NODE)) {
      nodes.add(
          new Node(
              node.text(OnnxField.NODE_OPERATOR),
              node.texts(OnnxField.NODE_INPUT),
              node.texts(OnnxField.NODE_OUTPUT)));
      if (node.text(OnnxField.NODE_OPERATOR).equals("Constant")) {
        for (ParsedMessage attribute : node.messages(OnnxField.NODE_ATTRIBUTE)) {
          for (ParsedMessage tensor : attribute.messages(OnnxField.ATTRIBUTE_TENSOR)) {
            for (String name : node.texts(OnnxField.NODE_OUTPUT)) {
              add(name, tensor, shape(tensor).length > 1); // a weight, and no number of an operator
            }
          }
        }
      }
    }
    for (ParsedMessage tensor : graph.messages(OnnxField.GRAPH_INITIALIZER)) {
      add(tensor.text(OnnxField.TENSOR_NAME), tensor, true);
    }
    nodes.stream()
        .filter(node -> node.operator().equals("BatchNormalization"))
        .flatMap(node -> node.inputs().stream().skip(RUNNING_MEAN))
        .forEach(parameters::remove);
  }

  private void add(String name, ParsedMessage tensor, boolean counts) throws IOException {
    long[] shape = shape(tensor);
    constants.put(name, shape);
    if (counts && FLOATING.contains((int) tensor.number(OnnxField.TENSOR_TYPE))) {
      parameters.put(name, values(shape, name));
    }
    hasQuantizedWeights |=
        shape.length > 1 && QUANTIZED.contains((int) tensor.number(OnnxField.TENSOR_TYPE));
  }

  private static long[] shape(ParsedMessage tensor) throws IOException {
    return tensor.numbers(OnnxField.TENSOR_DIMENSION).stream().mapToLong(Long::longValue).toArray();
  }

  private long values(long[] shape, String name) {
    long values = 1;
    for (long length : shape) {
      if (length < 0 || length > LARGEST || (values *= Math.max(1, length)) > LARGEST) {
        throw new WeightsException(
            file + ": refused: the tensor '" + name + "' claims an impossible shape");
      }
      values = length == 0 ? 0 : values;
    }
    return values;
  }

  /**
   * Reads a file and what it needs beside it.
   *
   * @throws WeightsException if it is missing, cut off or no ONNX model, or its weights are to be
   *     read from outside its folder
   */
  public static OnnxModel read(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new WeightsException(
            file + ": too large for one ONNX file; save its weights as external data beside it");
      }
      OnnxModel model =
          new OnnxModel(
              file, ParsedMessage.of(UnsafeByteOperations.unsafeWrap(Files.readAllBytes(file))));
      model.files.add(file);
      model.files.addAll(new ExternalData(file).check(model.model));
      return model;
    } catch (InvalidProtocolBufferException e) {
      throw new WeightsException(
          file + ": no ONNX model, or cut off: " + String.valueOf(e.getMessage()), e);
    } catch (NoSuchFileException e) {
      throw new WeightsException(file + ": no such file", e);
    } catch (IOException e) {
      throw new WeightsException(file + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /** The file that it was read from. */
  public Path file() {
    return file;
  }

  /** SHA-256, in hexadecimal, of the file and of the external data beside it. */
  public String digest() {
    try {
      Sha256 digest = new Sha256();
      for (Path part : files) {
        digest.text(Sha256.of(part));
      }
      return digest.hex();
    } catch (IOException e) {
      throw new WeightsException(file + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /** How many bytes the file and the external data beside it have. */
  public long bytes() {
    try {
      long bytes = 0;
      for (Path part : files) {
        bytes += Files.size(part);
      }
      return bytes;
    } catch (IOException e) {
      throw new WeightsException(file + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /** The nodes in the order in which they compute. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /** The metadata by key. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new TreeMap<>();
    try {
      for (ParsedMessage entry : model.messages(OnnxField.MODEL_METADATA)) {
        metadata.put(entry.text(OnnxField.ENTRY_KEY), entry.text(OnnxField.ENTRY_VALUE));
      }
    } catch (IOException e) {
      throw damaged(e);
    }
    return metadata;
  }

  /** The shape of a constant; null if the value is none. */
  public long @Nullable [] constant(String name) {
    return constants.get(name);
  }

  /**
   * The number of floating values in all constants, without the running statistics of batch
   * normalisations; null where weights are 8-bit numbers.
   */
  public @Nullable Long parameters() {
    return hasQuantizedWeights
        ? null
        : (Long) parameters.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The number of floating values in a node's own constants. */
  public long parameters(Node node) {
    return node.inputs().stream().mapToLong(input -> parameters.getOrDefault(input, 0L)).sum();
  }

  /** What goes in, constants left out. */
  public List<Value> inputs() {
    List<Value> inputs = new ArrayList<>();
    try {
      for (ParsedMessage value : graph.messages(OnnxField.GRAPH_INPUT)) {
        if (!constants.containsKey(value.text(OnnxField.VALUE_NAME))) {
          inputs.add(value(value));
        }
      }
    } catch (IOException e) {
      throw damaged(e);
    }
    return inputs;
  }

  private static Value value(ParsedMessage value) throws IOException {
    List<Long> shape = new ArrayList<>();
    long type = 0;
    for (ParsedMessage kind : value.messages(OnnxField.VALUE_TYPE)) {
      for (ParsedMessage tensor : kind.messages(OnnxField.TYPE_TENSOR)) {
        type = tensor.number(OnnxField.TENSOR_TYPE_ELEMENT);
        for (ParsedMessage all : tensor.messages(OnnxField.TENSOR_TYPE_SHAPE)) {
          for (ParsedMessage dimension : all.messages(OnnxField.SHAPE_DIMENSION)) {
            boolean free = dimension.number(OnnxField.DIMENSION_VALUE) <= 0;
            shape.add(free ? -1 : dimension.number(OnnxField.DIMENSION_VALUE));
          }
        }
      }
    }
    return new Value(
        value.text(OnnxField.VALUE_NAME),
        (int) type,
        shape.stream().mapToLong(Long::longValue).toArray());
  }

  /** Its own outputs. */
  public List<Value> outputs() {
    try {
      List<Value> outputs = new ArrayList<>();
      for (ParsedMessage value : graph.messages(OnnxField.GRAPH_OUTPUT)) {
        outputs.add(value(value));
      }
      return outputs;
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  /** The file's contents with these values as its outputs, in place of its own. */
  public byte[] withOutputs(Collection<String> values) {
    UnknownFieldSet.Field.Builder outputs = UnknownFieldSet.Field.newBuilder();
    values.forEach(
        value ->
            outputs.addLengthDelimited(new Message().text(OnnxField.VALUE_NAME, value).toBytes()));
    UnknownFieldSet edited =
        graph.fields().toBuilder()
            .clearField(OnnxField.GRAPH_OUTPUT)
            .mergeField(OnnxField.GRAPH_OUTPUT, outputs.build())
            .build();
    UnknownFieldSet.Field field =
        UnknownFieldSet.Field.newBuilder().addLengthDelimited(edited.toByteString()).build();
    return model.fields().toBuilder()
        .clearField(OnnxField.MODEL_GRAPH)
        .mergeField(OnnxField.MODEL_GRAPH, field)
        .build()
        .toByteArray();
  }

  /** The node that computes each value. */
  public Map<String, Node> producers() {
    Map<String, Node> producers = new LinkedHashMap<>();
    nodes.forEach(node -> node.outputs().forEach(output -> producers.put(output, node)));
    return producers;
  }

  private WeightsException damaged(IOException e) {
    return new WeightsException(file + ": damaged: " + e.getMessage(), e);
  }
}
