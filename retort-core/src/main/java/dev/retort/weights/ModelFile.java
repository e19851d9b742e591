package dev.retort.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.network.State;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Our own model files: safetensors whose metadata names the network, so that the file alone is
 * enough to classify an image. The metadata's keys are {@code format} ({@code pt}, as other tools
 * expect for PyTorch's names), {@code retort} (the version of this form, 1), {@code network},
 * {@code input} ({@code 3x32x32}), {@code classes}, {@code mean} and {@code standard_deviation}
 * (JSON lists), {@code provenance.*}, and {@code sha256}: a digest of all else, by which damage to
 * a number is noticed.
 */
public final class ModelFile {
  private static final String VERSION_KEY = "retort";
  private static final String VERSION = "1";
  private static final String NETWORK = "network";

  /** The key of the images that the network reads, such as {@code 3x32x32}. */
  public static final String INPUT = "input";

  /** The key of the classes in the order of the logits, a JSON list. */
  public static final String CLASSES = "classes";

  /** The key of each channel's mean on the scale 0 … 1, a JSON list. */
  public static final String MEAN = "mean";

  /** The key of each channel's standard deviation on the scale 0 … 1, a JSON list. */
  public static final String STANDARD_DEVIATION = "standard_deviation";

  /**
   * The key of the length that an export scales pictures' shorter sides to, if not to the input.
   */
  public static final String RESIZE = "resize";

  /** What the keys of {@link ModelInfo#provenance} begin with. */
  public static final String PROVENANCE = "provenance.";

  private static final String DIGEST = "sha256";

  private static final Set<TensorType> FLOATING =
      EnumSet.of(TensorType.F64, TensorType.F32, TensorType.F16, TensorType.BF16);

  /** Escapes: ONNX Runtime's Java side loses the end of a text with a character beyond U+FFFF. */
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private ModelFile() {}

  /**
   * Writes a network with what one must know to use it, under a temporary name first.
   *
   * @param type in which parameters are stored: F32, F16 or BF16 for half that size, or F64;
   *     buffers (running statistics) keep their own
   * @throws IllegalArgumentException if {@code type} is none of these, {@code info} is for other
   *     images or classes, or a value is not finite or not within the range of {@code type}
   * @throws UncheckedIOException if the file cannot be written
   */
  public static void save(Network network, ModelInfo info, Path file, TensorType type) {
    if (!FLOATING.contains(type)) {
      throw new IllegalArgumentException("parameters are stored as " + FLOATING + ", not " + type);
    }
    Map<String, String> metadata = metadata(network, info);
    metadata.put("format", "pt");
    metadata.put(VERSION_KEY, VERSION);
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      State state = network.state();
      state.parameters().forEach((name, tensor) -> tensors.put(name, tensor.to(type.scalarType())));
      tensors.putAll(state.buffers());
      requireFinite(tensors, type);
      metadata.put(DIGEST, digest(tensors, metadata));
      SafeTensors.write(file, tensors, metadata);
    }
  }

  /**
   * A file's metadata of a network, by the keys above.
   *
   * @throws IllegalArgumentException if {@code info} is for other images or classes
   */
  public static Map<String, String> metadata(Network network, ModelInfo info) {
    requireMatch(network, info);
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(NETWORK, network.name());
    metadata.put(INPUT, network.input().toString());
    metadata.put(CLASSES, json(info.classNames()));
    metadata.put(MEAN, json(info.statistics().mean()));
    metadata.put(STANDARD_DEVIATION, json(info.statistics().standardDeviation()));
    info.provenance().forEach((key, value) -> metadata.put(PROVENANCE + key, value));
    return metadata;
  }

  /**
   * Reads a model; its tensors belong to the caller's scope, and its parameters are fp32.
   *
   * @throws WeightsException if the file is missing, not one of ours, damaged, or of a network that
   *     is not known here
   */
  public static LoadedModel load(Path file) {
    Map<String, String> metadata = SafeTensors.header(file).metadata();
    requireOurs(file, metadata);
    ModelInfo info = info(file, metadata);
    Network network = network(file, metadata, info);
    try (TensorScope scope = TensorScope.open()) {
      SafeTensors.Contents contents = SafeTensors.read(file);
      requireUndamaged(file, contents);
      StateLoader.load(network, contents.tensors(), file.toString());
    }
    return new LoadedModel(network, info);
  }

  /**
   * The images that a model reads, without the model.
   *
   * @throws WeightsException if the file is missing, or not one of ours
   */
  public static ImageShape input(Path file) {
    Map<String, String> metadata = SafeTensors.header(file).metadata();
    requireOurs(file, metadata);
    return shape(file, metadata);
  }

  /**
   * What is known of a model beside its weights, without the model.
   *
   * @throws WeightsException if the file is missing, or not one of ours
   */
  public static ModelInfo info(Path file) {
    Map<String, String> metadata = SafeTensors.header(file).metadata();
    requireOurs(file, metadata);
    return info(file, metadata);
  }

  private static Network network(Path file, Map<String, String> metadata, ModelInfo info) {
    try {
      Network network =
          Networks.create(
              metadata.getOrDefault(NETWORK, ""),
              shape(file, metadata),
              info.classNames().size(),
              ScalarType.Float,
              RandomSource.of(0, "overwritten by the file"));
      requireMatch(network, info);
      return network;
    } catch (IllegalArgumentException e) {
      throw new WeightsException(file + ": " + e.getMessage(), e);
    }
  }

  private static void requireMatch(Network network, ModelInfo info) {
    if (info.classNames().size() != network.classes()) {
      throw new IllegalArgumentException(
          info.classNames().size() + " class names for " + network.classes() + " classes");
    }
    if (info.statistics().mean().length != network.input().channels()) {
      throw new IllegalArgumentException(
          "statistics of %s channels for images of %s"
              .formatted(info.statistics().mean().length, network.input()));
    }
  }

  private static void requireFinite(Map<String, Tensor> tensors, TensorType type) {
    tensors.forEach(
        (name, tensor) -> {
          if (!tensor.isfinite().all().item_bool()) {
            throw new IllegalArgumentException(
                "tensor '" + name + "' has values that are not finite, or too large for " + type);
          }
        });
  }

  private static void requireOurs(Path file, Map<String, String> metadata) {
    String version = metadata.get(VERSION_KEY);
    if (version == null) {
      throw new WeightsException(
          "%s: holds weights, but not the name of their network; write NETWORK:%s"
              .formatted(file, file.getFileName()));
    }
    if (!version.equals(VERSION)) {
      throw new WeightsException(
          "%s: a model file of version %s, and this program reads version %s: use a newer one"
              .formatted(file, version, VERSION));
    }
  }

  private static void requireUndamaged(Path file, SafeTensors.Contents contents) {
    String expected = contents.metadata().getOrDefault(DIGEST, "");
    Map<String, String> rest = new TreeMap<>(contents.metadata());
    rest.remove(DIGEST);
    if (!digest(contents.tensors(), rest).equals(expected)) {
      throw new WeightsException(
          file + ": damaged: its contents do not have the digest that it was saved with");
    }
  }

  private static String digest(Map<String, Tensor> tensors, Map<String, String> metadata) {
    Sha256 digest = new Sha256();
    new TreeMap<>(metadata).forEach((key, value) -> digest.text(key).text(value));
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) -> {
              digest
                  .text(name)
                  .text(TensorType.of(tensor.scalar_type()).name())
                  .text(Arrays.toString(tensor.shape()));
              try {
                TensorBytes.inChunks(
                    tensor.detach().cpu().contiguous(), (bytes, offset) -> digest.bytes(bytes));
              } catch (IOException e) {
                throw new UncheckedIOException("a digest in memory cannot fail", e);
              }
            });
    return digest.hex();
  }

  /** Where a model comes from, by the metadata of a file of any format. */
  public static Map<String, String> provenance(Map<String, String> metadata) {
    Map<String, String> provenance = new TreeMap<>();
    metadata.forEach(
        (key, value) -> {
          if (key.startsWith(PROVENANCE)) {
            provenance.put(key.substring(PROVENANCE.length()), value);
          }
        });
    return provenance;
  }

  private static ModelInfo info(Path file, Map<String, String> metadata) {
    try {
      return new ModelInfo(
          List.of(JSON.readValue(metadata.getOrDefault(CLASSES, ""), String[].class)),
          new ChannelStatistics(
              JSON.readValue(metadata.getOrDefault(MEAN, ""), float[].class),
              JSON.readValue(metadata.getOrDefault(STANDARD_DEVIATION, ""), float[].class)),
          provenance(metadata));
    } catch (JsonProcessingException | NullPointerException e) {
      throw new WeightsException(
          file + ": its metadata has no proper class names and channel statistics", e);
    } catch (IllegalArgumentException e) {
      throw new WeightsException(file + ": its metadata: " + e.getMessage(), e);
    }
  }

  private static ImageShape shape(Path file, Map<String, String> metadata) {
    try {
      return ImageShape.parse(metadata.getOrDefault(INPUT, ""));
    } catch (IllegalArgumentException e) {
      throw new WeightsException(file + ": 'input' of its metadata: " + e.getMessage(), e);
    }
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + value, e);
    }
  }
}
