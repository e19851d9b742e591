package dev.retort.onnx;

/** The numbers of the fields of onnx.proto that are read or written here, by message. */
public final class OnnxField {
  private OnnxField() {}

  /** ModelProto. */
  public static final int MODEL_IR_VERSION = 1;

  public static final int MODEL_PRODUCER_NAME = 2;
  public static final int MODEL_PRODUCER_VERSION = 3;
  public static final int MODEL_GRAPH = 7;
  public static final int MODEL_OPSET = 8;
  public static final int MODEL_METADATA = 14;
  public static final int MODEL_FUNCTION = 25;

  /** FunctionProto. */
  public static final int FUNCTION_NODE = 7;

  public static final int FUNCTION_ATTRIBUTE = 11;

  /** OperatorSetIdProto. */
  public static final int OPSET_VERSION = 2;

  /** StringStringEntryProto. */
  public static final int ENTRY_KEY = 1;

  public static final int ENTRY_VALUE = 2;

  /** GraphProto. */
  public static final int GRAPH_NODE = 1;

  public static final int GRAPH_NAME = 2;
  public static final int GRAPH_INITIALIZER = 5;
  public static final int GRAPH_INPUT = 11;
  public static final int GRAPH_OUTPUT = 12;
  public static final int GRAPH_SPARSE_INITIALIZER = 15;

  /** NodeProto. */
  public static final int NODE_INPUT = 1;

  public static final int NODE_OUTPUT = 2;
  public static final int NODE_NAME = 3;
  public static final int NODE_OPERATOR = 4;
  public static final int NODE_ATTRIBUTE = 5;

  /** AttributeProto. */
  public static final int ATTRIBUTE_NAME = 1;

  public static final int ATTRIBUTE_FLOAT = 2;
  public static final int ATTRIBUTE_INT = 3;
  public static final int ATTRIBUTE_STRING = 4;
  public static final int ATTRIBUTE_TENSOR = 5;
  public static final int ATTRIBUTE_GRAPH = 6;
  public static final int ATTRIBUTE_INTS = 8;
  public static final int ATTRIBUTE_TENSORS = 10;
  public static final int ATTRIBUTE_GRAPHS = 11;
  public static final int ATTRIBUTE_TYPE = 20;
  public static final int ATTRIBUTE_SPARSE_TENSOR = 22;
  public static final int ATTRIBUTE_SPARSE_TENSORS = 23;

  /** TensorProto. */
  public static final int TENSOR_DIMENSION = 1;

  public static final int TENSOR_TYPE = 2;
  public static final int TENSOR_NAME = 8;
  public static final int TENSOR_RAW = 9;
  public static final int TENSOR_EXTERNAL = 13;

  /** SparseTensorProto. */
  public static final int SPARSE_VALUES = 1;

  public static final int SPARSE_INDICES = 2;

  /** ValueInfoProto. */
  public static final int VALUE_NAME = 1;

  public static final int VALUE_TYPE = 2;

  /** TypeProto. */
  public static final int TYPE_TENSOR = 1;

  /** TypeProto.Tensor. */
  public static final int TENSOR_TYPE_ELEMENT = 1;

  public static final int TENSOR_TYPE_SHAPE = 2;

  /** TensorShapeProto. */
  public static final int SHAPE_DIMENSION = 1;

  /** TensorShapeProto.Dimension. */
  public static final int DIMENSION_VALUE = 1;

  public static final int DIMENSION_PARAMETER = 2;

  /** AttributeProto.AttributeType. */
  public static final int TYPE_OF_FLOAT = 1;

  public static final int TYPE_OF_INT = 2;
  public static final int TYPE_OF_STRING = 3;
  public static final int TYPE_OF_INTS = 7;

  /** TensorProto.DataType. */
  public static final int FLOAT = 1;

  public static final int UINT8 = 2;
  public static final int INT8 = 3;
  public static final int INT32 = 6;
  public static final int INT64 = 7;
  public static final int FLOAT16 = 10;
  public static final int DOUBLE = 11;
  public static final int BFLOAT16 = 16;
}
