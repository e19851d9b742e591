package dev.retort.cli;

import dev.retort.teacher.ModelSource;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/** Reads MODEL; a relative path in it starts from the working folder. */
final class ModelArgument implements ITypeConverter<ModelSource> {
  static final String DESCRIPTION =
      "bundled:cifar10, a model file (safetensors) of Retort's, the folder of a finished run,"
          + " NETWORK:FILE for a state dictionary (safetensors, .pth or .pt), an ONNX or"
          + " TorchScript file (.onnx, .pt), or recorded:FILE for outputs of a model (safetensors, .npz,"
          + " .npy, .parquet).";

  @Override
  public ModelSource convert(String value) {
    return ModelSource.parse(value, Path.of(""));
  }
}
