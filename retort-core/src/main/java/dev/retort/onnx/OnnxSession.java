package dev.retort.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.EngineException;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.weights.WeightsException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An ONNX model in ONNX Runtime: one input, any number of outputs, with the calling thread's number
 * of threads on the processor. Images and outputs are in the processor's memory, wherever the model
 * computes.
 */
public final class OnnxSession implements AutoCloseable {
  private static final Set<OnnxJavaType> FLOATING =
      EnumSet.of(
          OnnxJavaType.FLOAT, OnnxJavaType.DOUBLE, OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16);

  /** All values of a large network, for a few images, would take gigabytes. */
  private static final int SHAPES_AT_ONCE = 32;

  private final String name;
  private final OrtSession session;

  /**
   * Prepares a model.
   *
   * @param name what to call it in messages
   * @param model the file's contents
   * @param folder where its external data are
   * @param device where to compute; one that it {@link #computesOn}
   * @throws WeightsException if ONNX Runtime refuses it
   * @throws EngineException if ONNX Runtime's library cannot be unpacked or loaded
   */
  public OnnxSession(String name, byte[] model, Path folder, Device device) {
    this.name = name;
    OrtEnvironment runtime = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Engine.threads());
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (device == Device.CUDA) {
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.index())) {
          cuda.add("use_tf32", "0"); // as the other networks on a GPU
          cuda.add("cudnn_conv_algo_search", "HEURISTIC"); // the same in every process
          options.addCUDA(cuda);
        }
      }
      // What was checked, and not another format that the same bytes may be, too.
      options.addConfigEntry("session.load_model_format", "ONNX");
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          folder.toAbsolutePath().toString());
      this.session = runtime.createSession(model, options);
    } catch (OrtException e) {
      throw new WeightsException(name + ": ONNX Runtime refuses it: " + reason(e), e);
    }
  }

  /** Prepares a model without external data on the CPU. */
  public OnnxSession(String name, byte[] model) {
    this(name, model, Path.of(""), Device.CPU);
  }

  /** Whether this build of ONNX Runtime computes there: on a GPU, Maven's onnxruntime_gpu does. */
  public static boolean computesOn(Device device) {
    return device == Device.CPU
        || OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }

  /** What runs a model, with its version. */
  public static String runtime() {
    return "ONNX Runtime " + environment().getVersion();
  }

  private static OrtEnvironment environment() {
    try {
      return OrtEnvironment.getEnvironment();
    } catch (LinkageError e) {
      throw new EngineException(
          "ONNX Runtime could not be loaded (%s). Java's temporary folder %s, where it unpacks its library, must be writable, not full and not mounted noexec (-Djava.io.tmpdir=… names another), and the library needs glibc, which Alpine lacks"
              .formatted(cause(e), System.getProperty("java.io.tmpdir")),
          e);
    }
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : cause(cause);
  }

  /** The input's name. */
  String input() {
    return session.getInputNames().iterator().next();
  }

  /** The names of the outputs that are tensors of floating-point numbers. */
  public Set<String> outputs() {
    return declared().keySet();
  }

  private Map<String, TensorInfo> declared() {
    Map<String, TensorInfo> outputs = new LinkedHashMap<>();
    try {
      for (NodeInfo output : session.getOutputInfo().values()) {
        if (output.getInfo() instanceof TensorInfo info && FLOATING.contains(info.type)) {
          outputs.put(output.getName(), info);
        }
      }
    } catch (OrtException e) {
      throw new WeightsException(name + ": " + reason(e), e);
    }
    return outputs;
  }

  /**
   * Runs the model on a batch.
   *
   * @param images fp32, fp64, fp16 or uint8, as the model's input wants it
   * @param wanted names of outputs
   * @return the outputs by name, of the types that the model gives them; they belong to the
   *     caller's scope
   * @throws WeightsException if ONNX Runtime fails
   */
  public Map<String, Tensor> run(Tensor images, Iterable<String> wanted) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (TensorScope scope = TensorScope.open()) {
      run(images, wanted, (name, value) -> outputs.put(name, scope.keep(floats(name, value))));
    }
    return outputs;
  }

  /**
   * Within a scope, which keeps the images at the address at which the runtime reads them.
   *
   * @param each gets every output, which is gone when it returns
   */
  private void run(Tensor images, Iterable<String> wanted, BiConsumer<String, OnnxTensor> each) {
    Set<String> names = new LinkedHashSet<>();
    wanted.forEach(names::add);
    try (OnnxTensor input = tensor(images.detach().cpu().contiguous());
        OrtSession.Result result = session.run(Map.of(input(), input), names)) {
      for (String output : names) {
        each.accept(output, (OnnxTensor) result.get(output).orElseThrow());
      }
    } catch (OrtException e) {
      throw new WeightsException(name + ": ONNX Runtime cannot run it: " + reason(e), e);
    }
  }

  /**
   * The shapes of all outputs of floating-point numbers, for a batch. Those that the graph leaves
   * open are computed, a few at a time: together they may take gigabytes.
   *
   * @param images as in {@link #run(Tensor, Iterable)}
   * @throws WeightsException if ONNX Runtime fails
   */
  public Map<String, long[]> shapes(Tensor images) {
    Map<String, long[]> shapes = new HashMap<>();
    List<String> open = new ArrayList<>();
    declared()
        .forEach(
            (output, info) -> {
              long[] shape = info.getShape();
              if (LongStream.of(shape).allMatch(length -> length >= 0)) {
                shapes.put(output, shape);
              } else {
                open.add(output);
              }
            });
    for (int first = 0; first < open.size(); first += SHAPES_AT_ONCE) {
      List<String> some = open.subList(first, Math.min(first + SHAPES_AT_ONCE, open.size()));
      try (TensorScope scope = TensorScope.open()) {
        run(images, some, (output, value) -> shapes.put(output, value.getInfo().getShape()));
      }
    }
    return shapes;
  }

  /** Runs the model on a batch for one output. */
  public Tensor run(Tensor images, String wanted) {
    return run(images, List.of(wanted)).values().iterator().next();
  }

  private Tensor floats(String output, OnnxTensor value) {
    long[] shape = value.getInfo().getShape();
    if (value.getInfo().type == OnnxJavaType.DOUBLE) {
      double[] numbers = new double[value.getDoubleBuffer().remaining()];
      value.getDoubleBuffer().get(numbers);
      return Tensors.of(numbers, shape);
    }
    FloatBuffer buffer = value.getFloatBuffer();
    if (buffer == null) {
      throw new WeightsException(
          name + ": its output '" + output + "' is not of floating-point numbers");
    }
    float[] numbers = new float[buffer.remaining()];
    buffer.get(numbers);
    Tensor floats = Tensors.of(numbers, shape);
    return switch (value.getInfo().type) {
      case FLOAT16 -> floats.to(ScalarType.Half);
      case BFLOAT16 -> floats.to(ScalarType.BFloat16);
      default -> floats;
    };
  }

  private static OnnxTensor tensor(Tensor images) throws OrtException {
    OnnxJavaType type =
        switch ((int) images.element_size()) {
          case 1 -> OnnxJavaType.UINT8;
          case 2 -> OnnxJavaType.FLOAT16;
          case 4 -> OnnxJavaType.FLOAT;
          default -> OnnxJavaType.DOUBLE;
        };
    return OnnxTensor.createTensor(
        OrtEnvironment.getEnvironment(), Tensors.bytes(images), images.shape(), type);
  }

  /** The runtime's message without the place in its source. */
  private static String reason(OrtException failure) {
    String message = String.valueOf(failure.getMessage());
    int line = message.indexOf('\n');
    return (line < 0 ? message : message.substring(0, line)).strip();
  }

  /**
   * Frees the model.
   *
   * @throws IllegalStateException if ONNX Runtime cannot let go of it
   */
  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(name + ": ONNX Runtime cannot let go of it", e);
    }
  }
}
