package dev.retort.cli;

import dev.retort.data.DatasetSource;
import dev.retort.engine.TensorScope;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.TensorType;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort export}. */
@CommandLine.Command(
    name = "export",
    header = "Writes a model as one file, for other programs.",
    description =
        "The safetensors file names its network, classes and channel statistics in its metadata,"
            + " and its tensors as PyTorch does.")
final class ExportCommand extends Command {
  /** The kinds of file. */
  enum Form {
    SAFETENSORS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The types in which parameters are stored. */
  enum Type {
    F32(TensorType.F32),
    F16(TensorType.F16),
    BF16(TensorType.BF16);

    private final TensorType type;

    Type(TensorType type) {
      this.type = type;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(
      paramLabel = "MODEL",
      converter = ModelArgument.class,
      description = ModelArgument.DESCRIPTION)
  ModelSource model;

  @Option(
      names = "--to",
      paramLabel = "FORM",
      required = true,
      description = "${COMPLETION-CANDIDATES}.")
  Form form;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The file to write.")
  Path out;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "The parameters' numbers: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Type type;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      converter = DataArgument.class,
      description = "The images that the model is for, where its file does not say.")
  @Nullable DatasetSource data;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(out)) {
      throw new FileAlreadyExistsException(out.toString());
    }
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel loaded = model.open(data == null ? null : data.open());
      ModelFile.save(loaded.network(), loaded.info(), out, type.type);
    }
    printf("%s  %,d bytes", out, Files.size(out));
    return ExitCode.DONE;
  }
}
