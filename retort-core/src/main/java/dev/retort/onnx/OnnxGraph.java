package dev.retort.onnx;

import static dev.retort.onnx.OnnxField.*;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Builds the graph of an ONNX model: inputs, nodes with their constants, outputs. */
public final class OnnxGraph {
  private static final int IR_VERSION = 8;
  private static final int OPERATOR_SET = 17;

  /** The first whose Resize has antialiasing; runtimes that do not have it read other graphs. */
  private static final int OPERATOR_SET_OF_RESIZE = 18;

  private final Message graph = new Message();
  private int nodes;
  private int operatorSet = OPERATOR_SET;

  /** An empty graph. */
  public OnnxGraph(String name) {
    graph.text(GRAPH_NAME, name);
  }

  /**
   * One dimension of a shape.
   *
   * @param value its length, a Long, or a name where it is free
   */
  public record Dimension(Object value) {
    public Dimension {
      if (!(value instanceof Long || value instanceof String)) {
        throw new IllegalArgumentException(value + " is neither a length nor a name");
      }
    }

    /** Shapes whose first dimension is free and called {@code batch}. */
    public static List<Dimension> batchOf(long... rest) {
      List<Dimension> shape = new ArrayList<>();
      shape.add(new Dimension("batch"));
      for (long length : rest) {
        shape.add(new Dimension(length));
      }
      return shape;
    }
  }

  /** Declares what goes in; {@code type} is a number of TensorProto.DataType. */
  public void input(String name, int type, List<Dimension> shape) {
    graph.message(GRAPH_INPUT, value(name, type, shape));
  }

  /** Declares a value as result. */
  public void output(String name, int type, List<Dimension> shape) {
    graph.message(GRAPH_OUTPUT, value(name, type, shape));
  }

  private static Message value(String name, int type, List<Dimension> shape) {
    Message dimensions = new Message();
    for (Dimension dimension : shape) {
      Message one = new Message();
      if (dimension.value() instanceof Long length) {
        one.number(DIMENSION_VALUE, length);
      } else {
        one.text(DIMENSION_PARAMETER, dimension.value().toString());
      }
      dimensions.message(SHAPE_DIMENSION, one);
    }
    Message tensor =
        new Message().number(TENSOR_TYPE_ELEMENT, type).message(TENSOR_TYPE_SHAPE, dimensions);
    return new Message()
        .text(VALUE_NAME, name)
        .message(VALUE_TYPE, new Message().message(TYPE_TENSOR, tensor));
  }

  /** A constant of floats. */
  public String constant(String name, float[] values, long... shape) {
    ByteBuffer bytes = buffer(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return constant(name, FLOAT, bytes, shape);
  }

  /** A constant of 64-bit integers. */
  public String constant(String name, long[] values, long... shape) {
    ByteBuffer bytes = buffer(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return constant(name, INT64, bytes, shape);
  }

  /** A constant of 32-bit integers. */
  public String constant(String name, int[] values, long... shape) {
    ByteBuffer bytes = buffer(values.length * Integer.BYTES);
    bytes.asIntBuffer().put(values);
    return constant(name, INT32, bytes, shape);
  }

  /** A constant of bytes; {@code type} says of which kind. */
  public String constant(String name, int type, byte[] values, long... shape) {
    return constant(name, type, ByteBuffer.wrap(values), shape);
  }

  private String constant(String name, int type, ByteBuffer bytes, long... shape) {
    Message tensor = new Message().number(TENSOR_TYPE, type).text(TENSOR_NAME, name);
    for (long length : shape) {
      tensor.number(TENSOR_DIMENSION, length);
    }
    graph.message(GRAPH_INITIALIZER, tensor.bytes(TENSOR_RAW, ByteString.copyFrom(bytes)));
    return name;
  }

  /** ONNX is little-endian. */
  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Adds an operator without attributes, with one result.
   *
   * @return {@code output}
   */
  public String node(String operator, List<String> inputs, String output) {
    return node(operator, inputs, output, Map.of());
  }

  /**
   * Adds an operator with one result.
   *
   * @param attributes by name: Long, Float, String or {@code long[]}
   * @return {@code output}
   * @throws IllegalArgumentException for attributes of other types
   */
  public String node(
      String operator, List<String> inputs, String output, Map<String, Object> attributes) {
    if (operator.equals("Resize")) {
      operatorSet = OPERATOR_SET_OF_RESIZE;
    }
    Message node = new Message();
    inputs.forEach(input -> node.text(NODE_INPUT, input));
    node.text(NODE_OUTPUT, output)
        .text(NODE_NAME, operator + "_" + nodes++)
        .text(NODE_OPERATOR, operator);
    // In one order, that the same graph has the same bytes.
    new TreeMap<>(attributes)
        .forEach((name, value) -> node.message(NODE_ATTRIBUTE, attribute(name, value)));
    graph.message(GRAPH_NODE, node);
    return output;
  }

  private static Message attribute(String name, Object value) {
    Message attribute = new Message().text(ATTRIBUTE_NAME, name);
    if (value instanceof Long number) {
      return attribute.number(ATTRIBUTE_INT, number).number(ATTRIBUTE_TYPE, TYPE_OF_INT);
    }
    if (value instanceof Float number) {
      return attribute.real(ATTRIBUTE_FLOAT, number).number(ATTRIBUTE_TYPE, TYPE_OF_FLOAT);
    }
    if (value instanceof String text) {
      return attribute.text(ATTRIBUTE_STRING, text).number(ATTRIBUTE_TYPE, TYPE_OF_STRING);
    }
    if (value instanceof long[] numbers) {
      for (long number : numbers) {
        attribute.number(ATTRIBUTE_INTS, number);
      }
      return attribute.number(ATTRIBUTE_TYPE, TYPE_OF_INTS);
    }
    throw new IllegalArgumentException(name + ": no attribute can be " + value);
  }

  /** The whole file. */
  public byte[] toModel(String version, Map<String, String> metadata) {
    Message model =
        new Message()
            .number(MODEL_IR_VERSION, IR_VERSION)
            .text(MODEL_PRODUCER_NAME, "retort")
            .text(MODEL_PRODUCER_VERSION, version)
            .message(MODEL_GRAPH, graph)
            .message(MODEL_OPSET, new Message().number(OPSET_VERSION, operatorSet));
    metadata.forEach(
        (key, value) ->
            model.message(
                MODEL_METADATA, new Message().text(ENTRY_KEY, key).text(ENTRY_VALUE, value)));
    return model.toBytes().toByteArray();
  }
}
