package dev.retort.teacher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.onnx.OnnxModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.WeightsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a file of another framework, under the keys that Retort's exports write ({@link
 * ModelFile}). Some other tool's values under the same keys say nothing.
 */
record ExportMetadata(Map<String, String> values) {
  /**
   * Reads what a file says of itself.
   *
   * @param file ending in {@code .onnx} for ONNX, else TorchScript
   * @throws WeightsException if it is missing or bad
   */
  static ExportMetadata of(Path file) {
    return new ExportMetadata(
        OnnxModel.isNamed(file)
            ? OnnxModel.read(file).metadata()
            : TorchScriptArchive.extraFiles(file));
  }

  /** The classes in the order of its logits; empty if it does not say. */
  List<String> classes() {
    String[] names = read(ModelFile.CLASSES, String[].class);
    try {
      return names == null ? List.of() : List.of(names);
    } catch (NullPointerException e) {
      return List.of();
    }
  }

  /** The images that it reads; null if it does not say. */
  @Nullable ImageShape input() {
    try {
      return ImageShape.parse(values.getOrDefault(ModelFile.INPUT, ""));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The pictures that it need not scale, where it scales itself; null if it does not say. */
  @Nullable ImageShape pictures() {
    ImageShape input = input();
    Integer side = side(ModelFile.RESIZE);
    return input == null || side == null ? input : new ImageShape(input.channels(), side, side);
  }

  /**
   * The images that pictures are brought to for it; null if it does not say. A middle is cut out of
   * them once, since a second cut, by the file itself, may round to another pixel; but {@link
   * #resize} knows of squares only.
   */
  @Nullable ImageShape framed() {
    ImageShape input = input();
    return input == null || input.height() == input.width() ? input : pictures();
  }

  /**
   * The length that pictures' shorter sides are scaled to before the middle is cut out, by the file
   * itself or, where that does not scale, before it; null if it does not say, or reads images of
   * another size.
   */
  @Nullable Integer resize(int size) {
    ImageShape input = input();
    if (input == null || input.height() != size || input.width() != size) {
      return null;
    }
    Integer own = side(ModelFile.RESIZE);
    return own == null ? side(ModelFile.PROVENANCE + ModelInfo.RESIZE) : own;
  }

  private @Nullable Integer side(String key) {
    Integer side = read(key, Integer.class);
    return side == null || side < 1 || side > ImageShape.LARGEST_SIDE ? null : side;
  }

  /** By which its images are normalised; null if it does not say. */
  @Nullable ChannelStatistics statistics() {
    float[] mean = read(ModelFile.MEAN, float[].class);
    float[] deviation = read(ModelFile.STANDARD_DEVIATION, float[].class);
    try {
      return mean == null || deviation == null ? null : new ChannelStatistics(mean, deviation);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * The digest of the images that it did not learn from; null if it does not say, or the digest is
   * of pictures that were cut otherwise than given images: at another size, or by another length of
   * the shorter side.
   *
   * @param images what it is shown
   */
  @Nullable String heldOut(ImageShape images) {
    Integer own = side(ModelFile.RESIZE);
    Integer trained = side(ModelFile.PROVENANCE + ModelInfo.RESIZE);
    boolean cut = own != null || trained != null;
    boolean otherwise = cut && !images.equals(input());
    return otherwise || (own != null && !own.equals(trained))
        ? null
        : values.get(ModelFile.PROVENANCE + ModelInfo.HELD_OUT);
  }

  /** Where it comes from; empty if it does not say. */
  Map<String, String> provenance() {
    return ModelFile.provenance(values);
  }

  /** Whether it says both. */
  boolean saysHowItSees() {
    return input() != null && statistics() != null;
  }

  private <T> @Nullable T read(String key, Class<T> type) {
    String value = values.get(key);
    try {
      return value == null ? null : new JsonMapper().readValue(value, type);
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
