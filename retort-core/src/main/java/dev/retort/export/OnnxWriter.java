package dev.retort.export;

import dev.retort.data.ChannelStatistics;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.Graph;
import dev.retort.network.Operation;
import dev.retort.network.Operation.Activation;
import dev.retort.network.Operation.Reduction;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxGraph;
import dev.retort.onnx.OnnxGraph.Dimension;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Writes a network's computation as an ONNX graph: operator set 17, or 18 where it scales. */
final class OnnxWriter {
  /** The output where pre-processing is built in. */
  static final String PROBABILITIES = "probabilities";

  /** Logits before their temperature. */
  private static final String UNCALIBRATED = "logits:uncalibrated";

  /**
   * Weights have seven of their eight bits. Where a processor has no VNNI, ONNX Runtime adds pairs
   * of products of an unsigned value and a signed weight in 16 bits, which would saturate: 2 · 255
   * · 64 does not.
   */
  private static final int LARGEST_WEIGHT = 64;

  private final OnnxGraph graph;
  private final Map<String, QuantizedRange> ranges;

  /** What is read in place of a value: its quantised form. */
  private final Map<String, String> read = new HashMap<>();

  /**
   * A writer of an empty graph.
   *
   * @param ranges of the values that are quantised; where there are any, weights are, too
   */
  OnnxWriter(String name, Map<String, QuantizedRange> ranges) {
    this.graph = new OnnxGraph(name);
    this.ranges = ranges;
  }

  /** The graph with all that was written. */
  OnnxGraph graph() {
    return graph;
  }

  /** Declares normalised images in fp32 as input. */
  void images(long[] shape) {
    graph.input(Graph.IMAGES, OnnxField.FLOAT, Dimension.batchOf(shape));
    quantize(Graph.IMAGES);
  }

  /**
   * Declares unsigned bytes of any height and width as input, and makes the network's images of
   * them.
   *
   * @param shape of the network's images: channels, height, width
   * @param covered height and width that the scaled pictures just cover; their middle is cut out
   */
  void pixels(long[] shape, long[] covered, ChannelStatistics statistics) {
    new OnnxPreprocessing(graph).write(shape, covered, statistics);
    quantize(Graph.IMAGES);
  }

  /**
   * Writes the operations, whose last result, divided by a temperature, is {@link
   * Activations#LOGITS}.
   */
  void compute(Graph computation, double temperature) {
    String last = temperature == 1 ? Activations.LOGITS : UNCALIBRATED;
    for (Graph.Node node : computation.nodes()) {
      String output = node.output().equals(Activations.LOGITS) ? last : node.output();
      write(node.operation(), node.inputs(), output, node.shape());
      quantize(output);
    }
    if (temperature != 1) {
      String divisor = graph.constant("logits:temperature", new float[] {(float) temperature});
      graph.node("Div", List.of(UNCALIBRATED, divisor), Activations.LOGITS);
    }
  }

  /** Declares every value as output. */
  void everything(Graph computation) {
    computation
        .nodes()
        .forEach(
            node -> graph.output(node.output(), OnnxField.FLOAT, Dimension.batchOf(node.shape())));
  }

  /** From here on, readers of a value get it in the steps of its range. */
  private void quantize(String value) {
    QuantizedRange range = ranges.get(value);
    if (range == null) {
      return;
    }
    String scale = graph.constant(value + ":step-size", new float[] {range.scale()});
    String zero =
        graph.constant(value + ":step-of-zero", OnnxField.UINT8, new byte[] {(byte) range.zero()});
    String steps = value + ":steps";
    graph.node("QuantizeLinear", List.of(value, scale, zero), steps);
    String back = value + ":quantized";
    graph.node("DequantizeLinear", List.of(steps, scale, zero), back);
    read.put(value, back);
  }

  /** Declares the logits as output. */
  void logits(int classes) {
    graph.output(Activations.LOGITS, OnnxField.FLOAT, Dimension.batchOf(classes));
  }

  /** Declares the softmax of the logits as output. */
  void probabilities(int classes) {
    graph.node("Softmax", List.of(Activations.LOGITS), PROBABILITIES, Map.of("axis", 1L));
    graph.output(PROBABILITIES, OnnxField.FLOAT, Dimension.batchOf(classes));
  }

  private void write(Operation operation, List<String> values, String output, long[] shape) {
    List<String> inputs = values.stream().map(value -> read.getOrDefault(value, value)).toList();
    if (operation instanceof Operation.Convolution convolution) {
      List<String> all = weighted(values.get(0), output, convolution.weight(), convolution.bias());
      graph.node("Conv", all, output, convolutionAttributes(convolution));
    } else if (operation instanceof Operation.Normalization normalization) {
      graph.node(
          "BatchNormalization",
          List.of(
              inputs.get(0),
              constant(output + ":scale", normalization.weight()),
              constant(output + ":shift", normalization.bias()),
              constant(output + ":mean", normalization.runningMean()),
              constant(output + ":variance", normalization.runningVariance())),
          output,
          Map.of("epsilon", (float) normalization.epsilon()));
    } else if (operation instanceof Operation.FullyConnected layer) {
      graph.node(
          "Gemm",
          weighted(values.get(0), output, layer.weight(), layer.bias()),
          output,
          Map.of("transB", 1L));
    } else if (operation instanceof Activation activation) {
      activate(activation, inputs.get(0), output);
    } else if (operation instanceof Operation.Pooling pooling) {
      boolean mean = pooling.reduction() == Reduction.MEAN;
      graph.node(
          mean ? "AveragePool" : "MaxPool",
          inputs,
          output,
          mean ? withPadding(windows(pooling)) : windows(pooling));
    } else if (operation instanceof Operation.GlobalPooling pooling) {
      boolean mean = pooling.reduction() == Reduction.MEAN;
      String map = output + ":map";
      graph.node(mean ? "GlobalAveragePool" : "GlobalMaxPool", inputs, map);
      graph.node("Flatten", List.of(map), output, Map.of("axis", 1L));
    } else if (operation instanceof Operation.Addition) {
      graph.node("Add", inputs, output);
    } else if (operation instanceof Operation.Concatenation) {
      graph.node("Concat", inputs, output, Map.of("axis", 1L));
    } else if (operation instanceof Operation.Channels channels) {
      slice(channels, inputs.get(0), output);
    } else if (operation instanceof Operation.ChannelShuffle shuffle) {
      shuffle(shuffle.groups(), inputs.get(0), output, shape);
    } else if (operation instanceof Operation.Scaling scaling) {
      String factor = graph.constant(output + ":factor", new float[] {(float) scaling.factor()});
      graph.node("Mul", List.of(inputs.get(0), factor), output);
    } else {
      throw new AssertionError("an operation without an ONNX form: " + operation);
    }
  }

  /** A layer's input, weight and, if it has one, bias. */
  private List<String> weighted(String value, String output, Tensor weight, @Nullable Tensor bias) {
    QuantizedRange range = ranges.get(value);
    String input = read.getOrDefault(value, value);
    if (range != null) {
      return quantizedWeights(input, range, output, weight, bias);
    }
    String weights = constant(output + ":weight", weight);
    return bias == null
        ? List.of(input, weights)
        : List.of(input, weights, constant(output + ":bias", bias));
  }

  /**
   * 8-bit weights, symmetric, with a scale for each output channel, and 32-bit biases in units of
   * that scale times the input's, as integer arithmetic adds them up.
   */
  private List<String> quantizedWeights(
      String input, QuantizedRange range, String output, Tensor weight, @Nullable Tensor bias) {
    float[] weights = Tensors.toFloats(weight);
    int channels = (int) weight.size(0);
    float[] biases = bias == null ? new float[channels] : Tensors.toFloats(bias);
    int perChannel = weights.length / channels;
    float[] scales = new float[channels];
    byte[] steps = new byte[weights.length];
    int[] biasSteps = new int[channels];
    float[] biasScales = new float[channels];
    for (int c = 0; c < channels; c++) {
      double largest = 0;
      for (int i = 0; i < perChannel; i++) {
        largest = Math.max(largest, Math.abs(weights[c * perChannel + i]));
      }
      // Wide enough for the bias too, where a channel has next to no weights.
      double least = Math.abs(biases[c]) / range.scale() / (1 << 30);
      scales[c] = (float) Math.max(largest / LARGEST_WEIGHT, Math.max(least, Float.MIN_NORMAL));
      for (int i = 0; i < perChannel; i++) {
        steps[c * perChannel + i] = (byte) Math.round(weights[c * perChannel + i] / scales[c]);
      }
      biasScales[c] = scales[c] * range.scale();
      biasSteps[c] = (int) Math.round((double) biases[c] / biasScales[c]);
    }
    String scale = graph.constant(output + ":weight:scale", scales, channels);
    String zero =
        graph.constant(output + ":weight:zero", OnnxField.INT8, new byte[channels], channels);
    String name = graph.constant(output + ":weight:steps", OnnxField.INT8, steps, weight.shape());
    String weightBack = output + ":weight";
    graph.node("DequantizeLinear", List.of(name, scale, zero), weightBack, Map.of("axis", 0L));
    if (bias == null) {
      return List.of(input, weightBack);
    }
    String biasName = graph.constant(output + ":bias:steps", biasSteps, channels);
    String biasScale = graph.constant(output + ":bias:scale", biasScales, channels);
    String biasBack = output + ":bias";
    graph.node("DequantizeLinear", List.of(biasName, biasScale), biasBack, Map.of("axis", 0L));
    return List.of(input, weightBack, biasBack);
  }

  private String constant(String name, Tensor tensor) {
    return graph.constant(name, Tensors.toFloats(tensor), tensor.shape());
  }

  private static Map<String, Object> convolutionAttributes(Operation.Convolution convolution) {
    long kernel = convolution.weight().size(2);
    Map<String, Object> attributes = window(kernel, convolution.stride(), convolution.padding());
    attributes.put("group", convolution.groups());
    return attributes;
  }

  private static Map<String, Object> windows(Operation.Pooling pooling) {
    return window(pooling.kernel(), pooling.stride(), pooling.padding());
  }

  private static Map<String, Object> withPadding(Map<String, Object> attributes) {
    attributes.put("count_include_pad", 1L);
    return attributes;
  }

  private static Map<String, Object> window(long kernel, long stride, long padding) {
    Map<String, Object> attributes = new TreeMap<>();
    attributes.put("kernel_shape", new long[] {kernel, kernel});
    attributes.put("strides", new long[] {stride, stride});
    attributes.put("pads", new long[] {padding, padding, padding, padding});
    return attributes;
  }

  private void activate(Activation activation, String input, String output) {
    switch (activation) {
      case RELU -> graph.node("Relu", List.of(input), output);
      case RELU6 -> {
        String low = graph.constant(output + ":low", new float[] {0});
        String high = graph.constant(output + ":high", new float[] {6});
        graph.node("Clip", List.of(input, low, high), output);
      }
      case GELU -> gelu(input, output);
    }
  }

  /** x / 2 · (1 + erf(x / √2)): ONNX has no operator of that name before set 20. */
  private void gelu(String input, String output) {
    String root = graph.constant(output + ":root", new float[] {(float) Math.sqrt(2)});
    String one = graph.constant(output + ":one", new float[] {1});
    String half = graph.constant(output + ":half", new float[] {0.5f});
    graph.node("Div", List.of(input, root), output + ":scaled");
    graph.node("Erf", List.of(output + ":scaled"), output + ":erf");
    graph.node("Add", List.of(output + ":erf", one), output + ":sum");
    graph.node("Mul", List.of(input, output + ":sum"), output + ":double");
    graph.node("Mul", List.of(output + ":double", half), output);
  }

  private void slice(Operation.Channels channels, String input, String output) {
    String first = graph.constant(output + ":first", new long[] {channels.first()}, 1);
    String end =
        graph.constant(output + ":end", new long[] {channels.first() + channels.count()}, 1);
    String axis = graph.constant(output + ":axis", new long[] {1}, 1);
    graph.node("Slice", List.of(input, first, end, axis), output);
  }

  /** A 0 in a shape keeps the input's dimension of that place: the batch stays free. */
  private void shuffle(long groups, String input, String output, long[] shape) {
    long[] split = {0, groups, shape[0] / groups, shape[1], shape[2]};
    long[] joined = {0, shape[0], shape[1], shape[2]};
    graph.node(
        "Reshape",
        List.of(input, graph.constant(output + ":split", split, split.length)),
        output + ":groups");
    graph.node(
        "Transpose",
        List.of(output + ":groups"),
        output + ":dealt",
        Map.of("perm", new long[] {0, 2, 1, 3, 4}));
    graph.node(
        "Reshape",
        List.of(output + ":dealt", graph.constant(output + ":joined", joined, joined.length)),
        output);
  }
}
