package dev.retort.teacher;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.network.Activations;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxModel;
import dev.retort.onnx.OnnxModel.Node;
import dev.retort.onnx.OnnxSession;
import dev.retort.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A classifier in an ONNX file. Every value that it computes for each image may be tapped by its
 * name in the graph; {@code logits} is its output, or what the softmax at its end is applied to,
 * also where nodes follow that change no number or round it to 8 bits: of several outputs the one
 * of that name, else the first matrix with a column for each class, else the first matrix; {@code
 * embedding}, where no value has that name, the vector that the last matrix is multiplied by.
 */
final class OnnxClassifier implements FrozenClassifier {
  private static final int MOST_SESSIONS = 4;

  private static final Set<String> SOFTMAX = Set.of("Softmax", "LogSoftmax");

  /** What changes no number, or only its type, or rounds it to 8 bits. */
  private static final Set<String> HARDLY_ANYTHING =
      Set.of(
          "Identity",
          "Cast",
          "Flatten",
          "Reshape",
          "Squeeze",
          "Unsqueeze",
          "Dropout",
          "QuantizeLinear",
          "DequantizeLinear");

  /** Where the way back from the logits to the last matrix may lead through. */
  private static final Set<String> TRANSPARENT =
      Set.of("Add", "Identity", "Mul", "Div", "Flatten", "Reshape", "Squeeze", "Dropout");

  private final Device device;
  private final OnnxModel model;
  private OnnxModel.Value input;
  private final Map<String, Node> producers;

  private final OnnxMacs macs;
  private final Map<String, String> values = new HashMap<>();

  /** Of the sets of values that were asked for last; each has a copy of the weights. */
  private final Map<Set<String>, OnnxSession> sessions = new LinkedHashMap<>();

  private final boolean beforeSoftmax;

  /**
   * Reads a file.
   *
   * @param classes how many it tells apart; null where that is not known
   * @param device where it computes, if this build of ONNX Runtime can
   * @throws WeightsException if it is bad, or no classifier of images
   */
  OnnxClassifier(Path file, @Nullable Integer classes, Device device) {
    this.device = OnnxSession.computesOn(device) ? device : Device.CPU;
    if (this.device != device) {
      LoggerFactory.getLogger(OnnxClassifier.class)
          .warn("{}: this build of ONNX Runtime has no CUDA; it computes on the CPU", file);
    }
    this.model = OnnxModel.read(file);
    List<OnnxModel.Value> inputs = model.inputs();
    if (inputs.size() != 1) {
      throw new WeightsException(
          "%s: a classifier of images has one input, and this model has %s"
              .formatted(file, inputs.stream().map(OnnxModel.Value::name).toList()));
    }
    this.input = seesTheBatch(model) ? ofOneImage(inputs.get(0)) : inputs.get(0);
    this.producers = model.producers();
    this.macs = new OnnxMacs(model);
    String output = output(classes);
    String logits = behind(output, SOFTMAX, HARDLY_ANYTHING, this::firstInput, output);
    this.beforeSoftmax = !logits.equals(output);
    values.put(Activations.LOGITS, logits);
    producers.keySet().stream()
        .filter(name -> !name.isEmpty() && !name.equals(Activations.LOGITS))
        .forEach(name -> values.put(name, name));
    String embedding = behind(logits, OnnxMacs.MATRIX, TRANSPARENT, this::firstComputed, "");
    if (!embedding.isEmpty()) {
      values.putIfAbsent(Activations.EMBEDDING, embedding);
    }
  }

  /**
   * Whether what the model computes for an image depends on the others of its batch: their common
   * range sets the step of 8-bit numbers.
   */
  private static boolean seesTheBatch(OnnxModel model) {
    return model.nodes().stream().anyMatch(node -> node.operator().startsWith("DynamicQuantize"));
  }

  @Override
  public void takeOneByOne() {
    input = ofOneImage(input);
  }

  private static OnnxModel.Value ofOneImage(OnnxModel.Value input) {
    long[] shape = input.shape().clone();
    if (shape.length > 0 && shape[0] < 0) {
      shape[0] = 1;
    }
    return new OnnxModel.Value(input.name(), input.type(), shape);
  }

  private String output(@Nullable Integer classes) {
    List<OnnxModel.Value> outputs = model.outputs();
    if (outputs.isEmpty()) {
      throw new WeightsException(name() + ": the model has no output");
    }
    return Stream.<Predicate<OnnxModel.Value>>of(
            output -> output.name().equals(Activations.LOGITS),
            output -> classes != null && isMatrix(output) && output.shape()[1] == classes,
            OnnxClassifier::isMatrix,
            output -> true)
        .flatMap(rule -> outputs.stream().filter(rule))
        .findFirst()
        .orElseThrow()
        .name();
  }

  private static boolean isMatrix(OnnxModel.Value output) {
    return output.shape().length == 2;
  }

  /** What the first wanted node is applied to, on the way back from a value through others. */
  private String behind(
      String value,
      Set<String> wanted,
      Set<String> through,
      Function<Node, String> next,
      String otherwise) {
    Set<String> seen = new HashSet<>();
    for (Node node = producers.get(value); node != null; node = producers.get(value)) {
      if (!seen.add(value)) {
        throw new WeightsException(name() + ": damaged: '" + value + "' is computed from itself");
      }
      if (wanted.contains(node.operator())) {
        return firstInput(node);
      }
      if (!through.contains(node.operator())) {
        return otherwise;
      }
      value = next.apply(node);
    }
    return otherwise;
  }

  private String firstComputed(Node node) {
    return node.inputs().stream().filter(producers::containsKey).findFirst().orElse("");
  }

  private String firstInput(Node node) {
    if (node.inputs().isEmpty()) {
      throw new WeightsException(name() + ": damaged: a " + node.operator() + " has no input");
    }
    return node.inputs().get(0);
  }

  @Override
  public String name() {
    return String.valueOf(model.file().getFileName());
  }

  /** Of one image at a time, ONNX Runtime divides a convolution's sums among the threads. */
  @Override
  public String runtime() {
    boolean oneImage = input.shape().length > 0 && input.shape()[0] == 1;
    return OnnxSession.runtime() + (oneImage ? ", " + Engine.threads() + " threads" : "");
  }

  @Override
  public String digest() {
    return model.digest();
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Input input() {
    ScalarType type =
        switch (input.type()) {
          case OnnxField.FLOAT -> ScalarType.Float;
          case OnnxField.UINT8 -> ScalarType.Byte;
          case OnnxField.FLOAT16 -> ScalarType.Half;
          case OnnxField.DOUBLE -> ScalarType.Double;
          default ->
              throw new WeightsException(
                  name() + ": its input is neither of fp32, fp16 or fp64 numbers nor of bytes");
        };
    if (input.shape().length != 4) {
      throw new WeightsException(
          "%s: its input has %s dimensions, and a batch of images has 4"
              .formatted(name(), input.shape().length));
    }
    long[] shape = input.shape().clone();
    ImageShape own = type == ScalarType.Byte ? metadata().input() : null;
    if (own == null || shape[1] > 0 || shape[2] > 0 || shape[3] != own.channels()) {
      return new Input(shape, type);
    }
    // Retort's own files that read bytes scale pictures of any size, and may cut out the middle.
    shape[1] = own.height();
    shape[2] = own.width();
    ImageShape pictures = metadata().pictures();
    return new Input(shape, type, own.equals(pictures) ? null : pictures);
  }

  @Override
  public boolean isBeforeSoftmax() {
    return beforeSoftmax;
  }

  @Override
  public ExportMetadata metadata() {
    return new ExportMetadata(model.metadata());
  }

  /** Retort's own files say it, where they do not normalise themselves. */
  @Override
  public @Nullable ChannelStatistics statistics() {
    return input.type() == OnnxField.UINT8 ? null : metadata().statistics();
  }

  @Override
  public @Nullable Long parameters() {
    return model.parameters();
  }

  @Override
  public List<ModelLayer> layers(Tensor images) {
    Set<String> asked = new TreeSet<>(values.values());
    List<ModelLayer> layers = new ArrayList<>();
    try (OnnxSession session = session(asked)) {
      requireLogits(session);
      Map<String, long[]> shapes = session.shapes(images);
      String logits = value(Activations.LOGITS);
      shapes.put(logits, FrozenClassifier.rows(session.run(images, logits)).shape());
      for (Node node : model.nodes()) {
        for (String value : node.outputs()) {
          add(layers, value, node, shapes.get(value), images.size(0));
        }
      }
      for (String alias : List.of(Activations.EMBEDDING, Activations.LOGITS)) {
        String value = values.get(alias);
        if (value != null && !value.equals(alias)) {
          Node node = producers.getOrDefault(value, new Node("Input", List.of(), List.of()));
          add(
              layers,
              alias,
              new Node(node.operator(), List.of(), List.of()),
              shapes.get(value),
              images.size(0));
        }
      }
    }
    layers.sort(Comparator.comparing(layer -> layer.name().equals(Activations.LOGITS)));
    return layers;
  }

  private void requireLogits(OnnxSession session) {
    if (!session.outputs().contains(value(Activations.LOGITS))) {
      throw new WeightsException(
          "%s: no classifier: its output '%s' is not of floating-point numbers"
              .formatted(name(), value(Activations.LOGITS)));
    }
  }

  @Override
  public List<Long> neurons(List<ModelLayer> layers) {
    Map<String, long[]> shapes = new HashMap<>();
    layers.forEach(layer -> shapes.put(layer.name(), layer.shape()));
    shapes.putIfAbsent(value(Activations.LOGITS), shapes.get(Activations.LOGITS));
    return new OnnxHiddenLayers(model).neurons(shapes);
  }

  private void add(
      List<ModelLayer> layers, String name, Node node, long @Nullable [] all, long batch) {
    if (all == null || all.length < 2 || all[0] != batch) {
      return;
    }
    long[] shape = Arrays.copyOfRange(all, 1, all.length);
    layers.add(
        new ModelLayer(name, node.operator(), shape, model.parameters(node), macs.of(node, shape)));
  }

  /** Of all layers; null also where one with weights gives nothing that is listed. */
  @Override
  public @Nullable Long macs(List<ModelLayer> layers) {
    Set<String> listed = layers.stream().map(ModelLayer::name).collect(Collectors.toSet());
    boolean all =
        model.nodes().stream()
            .filter(macs::hasWeights)
            .allMatch(node -> node.outputs().stream().anyMatch(listed::contains));
    return all ? FrozenClassifier.super.macs(layers) : null;
  }

  @Override
  public Activations run(Tensor images, Set<String> taps) {
    Map<String, String> wanted = new LinkedHashMap<>();
    wanted.put(Activations.LOGITS, value(Activations.LOGITS));
    taps.forEach(tap -> wanted.put(tap, value(tap)));
    Set<String> asked = new TreeSet<>(wanted.values());
    Map<String, Tensor> outputs = prepared(asked).run(images, asked);
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    wanted.forEach((tap, value) -> hidden.put(tap, Objects.requireNonNull(outputs.get(value))));
    return new Activations(
        FrozenClassifier.rows(Objects.requireNonNull(hidden.remove(Activations.LOGITS))), hidden);
  }

  private String value(String tap) {
    String value = values.get(tap);
    if (value == null) {
      throw new IllegalArgumentException(
          name() + " has no layer '" + tap + "'; retort inspect lists them");
    }
    return value;
  }

  private OnnxSession prepared(Set<String> outputs) {
    OnnxSession session = sessions.remove(outputs);
    if (session == null) {
      if (sessions.size() == MOST_SESSIONS) {
        sessions.remove(sessions.keySet().iterator().next()).close();
      }
      session = session(outputs);
    }
    sessions.put(outputs, session); // which closes it, if it is refused now
    requireLogits(session);
    return session;
  }

  private OnnxSession session(Set<String> outputs) {
    Path folder = Objects.requireNonNull(model.file().toAbsolutePath().getParent());
    return new OnnxSession(model.file().toString(), model.withOutputs(outputs), folder, device);
  }

  @Override
  public void close() {
    sessions.values().forEach(OnnxSession::close);
    sessions.clear();
  }
}
