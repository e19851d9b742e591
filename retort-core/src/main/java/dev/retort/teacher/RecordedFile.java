package dev.retort.teacher;

import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.weights.NumPyFile;
import dev.retort.weights.SafeTensors;
import dev.retort.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A file of recorded outputs as it was read.
 *
 * @param arrays by name
 * @param source the key of the views that they were recorded for; null where the file does not say
 */
record RecordedFile(Map<String, Tensor> arrays, @Nullable String source) {
  /** What stands before the names of arrays about the validation images. */
  static final String VALIDATION = "validation.";

  /** What stands before the names of arrays about the test images. */
  static final String TEST = "test.";

  /** The name of the array that has the key of the views. */
  static final String SOURCE = "source";

  /**
   * Reads a file; tensors belong to the innermost open scope.
   *
   * @param file {@code .safetensors}, {@code .npz} or {@code .npy}
   * @throws WeightsException if it is missing or bad
   */
  static RecordedFile read(Path file) {
    Map<String, Tensor> arrays = new LinkedHashMap<>(arrays(file));
    Tensor source = arrays.remove(SOURCE);
    return new RecordedFile(arrays, source == null ? null : hexadecimal(source, file));
  }

  private static Map<String, Tensor> arrays(Path file) {
    String name = file.toString();
    if (!Files.exists(file)) {
      throw new WeightsException(file + ": no such file or folder");
    }
    if (name.endsWith(".npy")) {
      return Map.of(Activations.LOGITS, NumPyFile.array(file));
    }
    if (name.endsWith(".npz")) {
      return NumPyFile.arrays(file);
    }
    if (name.endsWith(".safetensors")) {
      return SafeTensors.read(file).tensors();
    }
    throw new WeightsException(
        file + ": recorded outputs are read from .safetensors, .npz and .npy");
  }

  private static String hexadecimal(Tensor bytes, Path file) {
    if (bytes.scalar_type().intern() != ScalarType.Byte || bytes.dim() != 1) {
      throw new WeightsException(file + ": 'source' is not the one that retort data views wrote");
    }
    return LongStream.of(Tensors.toLongs(bytes))
        .mapToObj(value -> HexFormat.of().toHexDigits((byte) value))
        .collect(Collectors.joining());
  }

  /**
   * What the logits of its parts are.
   *
   * @param declared null where nothing is
   * @throws WeightsException if they differ, or are none of what can be learned from
   */
  Outputs outputs(@Nullable Outputs declared, Path file) {
    Map<String, Tensor> logits = new LinkedHashMap<>(arrays);
    logits.entrySet().removeIf(array -> !isLogits(array.getKey(), array.getValue()));
    return Outputs.of(logits, declared, file.toString());
  }

  /** Arrays of another form are refused where they are paired with images. */
  private static boolean isLogits(String name, Tensor array) {
    String ofPart = name.replaceFirst("^(validation|test)\\.", "");
    return ofPart.equals(Activations.LOGITS)
        && array.is_floating_point()
        && array.dim() > 1
        && array.numel() > 0;
  }

  /**
   * The same with logits.
   *
   * @param outputs what they are so far
   */
  RecordedFile withLogits(Outputs outputs, Path file) {
    if (outputs == Outputs.LOGITS) {
      return this;
    }
    Map<String, Tensor> converted = new LinkedHashMap<>(arrays);
    boolean saidZeros = false;
    for (Map.Entry<String, Tensor> array : converted.entrySet()) {
      if (isLogits(array.getKey(), array.getValue())) {
        if (!saidZeros && outputs.haveZeros(array.getValue())) {
          Outputs.warnOfZeros(array.getValue(), file.toString());
          saidZeros = true;
        }
        array.setValue(outputs.allLogits(array.getValue()));
      }
    }
    return new RecordedFile(converted, source);
  }

  /** The arrays that are of no other part. */
  Map<String, Tensor> ofTraining() {
    Map<String, Tensor> ofTraining = new LinkedHashMap<>(arrays);
    ofTraining.keySet().removeIf(name -> name.startsWith(VALIDATION) || name.startsWith(TEST));
    return ofTraining;
  }

  /** The arrays of a part, by their names without its prefix. */
  Map<String, Tensor> of(String prefix) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) -> {
          if (name.startsWith(prefix)) {
            named.put(name.substring(prefix.length()), array);
          }
        });
    return named;
  }
}
