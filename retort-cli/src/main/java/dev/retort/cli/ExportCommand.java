package dev.retort.cli;

import dev.retort.data.ClassNames;
import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.export.ExportImages;
import dev.retort.export.Int8Export;
import dev.retort.export.OnnxExport;
import dev.retort.export.TemperatureScaling;
import dev.retort.export.TorchScriptExport;
import dev.retort.system.AtomicFile;
import dev.retort.teacher.ExternalView;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.TeacherView;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort export}. */
@CommandLine.Command(
    name = "export",
    header = "Writes a model as one file, for other programs.",
    description =
        "All files have network, classes, channel statistics and origin in their metadata. In"
            + " safetensors, tensors have PyTorch's names. Before an ONNX file is written, ONNX Runtime"
            + " tries it on real images; LibTorch tries a TorchScript file. Nothing is written if an"
            + " output differs by more than 1e-4, or 1e-4 of the largest where that is above 1, or if a"
            + " decision that is no tie does."
            + " With --int8, what 8 bits cost is measured and printed.")
final class ExportCommand extends Command {
  /** The kinds of file. */
  enum Form {
    SAFETENSORS,
    ONNX,
    TORCHSCRIPT;

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

  @Parameters(paramLabel = "MODEL", description = ModelArgument.NETWORK)
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
      description =
          "The parameters' numbers in safetensors: ${COMPLETION-CANDIDATES} (default: f32).")
  @Nullable Type type;

  @Option(
      names = "--preprocessing",
      description =
          "Build pre-processing into the ONNX file: pictures of any size go in as unsigned bytes [batch,"
              + " height, width, channels], are scaled to cover the size that the model reads, or --resize,"
              + " and cut in the middle; probabilities come out. Without, normalised images [batch,"
              + " channels, height, width] go in, and logits come out.")
  boolean preprocessing;

  @Option(
      names = "--calibrate",
      description =
          "With --preprocessing and --data: divide the logits by a temperature that is fitted on validation"
              + " images, so that of the pictures given 80 %% about 80 %% are right. No decision changes.")
  boolean calibrate;

  @Option(
      names = "--int8",
      description =
          "Write an ONNX file of 8-bit integers: of --data, training images set its ranges, and test"
              + " images measure what it costs.")
  boolean int8;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description =
          "The images that the model is for. An ONNX or TorchScript file is tried on a thousand of its test"
              + " images, drawn at random, or, without, on bundled photographs.")
  @Nullable DatasetSource data;

  @Mixin TrainingDataOptions options;

  @Mixin ViewOption view;

  @Override
  public Integer call() throws IOException {
    AtomicFile.requireNew(out);
    requireFitting();
    model.requireNetwork();
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel loaded;
      Splits images;
      if (model instanceof ModelSource.StateOf state) {
        TeacherView wanted = view.read();
        options.pictures.size =
            options.pictures.size == null ? wanted.size() : options.pictures.size;
        if (options.pictures.channels == null && wanted.statistics() != null) {
          options.pictures.channels = wanted.statistics().mean().length;
        }
        images = data == null ? null : options.open(data, model);
        loaded = inItsView(state, wanted, images);
      } else {
        images = data == null ? null : options.open(data, model);
        loaded = readsLabels() ? model.openFor(Objects.requireNonNull(images)) : model.open(images);
      }
      options.pictures.requireInput(model, loaded.network().input());
      switch (form) {
        case SAFETENSORS ->
            ModelFile.save(
                loaded.network(), loaded.info(), out, (type == null ? Type.F32 : type).type);
        case ONNX -> {
          OnnxExport onnx =
              new OnnxExport(
                  preprocessing,
                  options.pictures.resizeFor(model, loaded.network().input().height()),
                  temperature(loaded, images));
          if (int8) {
            print(new Int8Export(onnx).write(loaded, Objects.requireNonNull(images), out));
          } else {
            printf("ONNX Runtime %s", onnx.write(loaded, tried(loaded, images), out));
          }
        }
        case TORCHSCRIPT ->
            printf("LibTorch %s", TorchScriptExport.write(loaded, tried(loaded, images), out));
      }
    }
    printf("%s  %,d bytes", out, Files.size(out));
    return ExitCode.DONE;
  }

  /** Whether labels of images are compared with what the model decides. */
  private boolean readsLabels() {
    return int8 || calibrate;
  }

  /** A written file vouches for its metadata, so that none of them may be a guess. */
  private LoadedModel inItsView(
      ModelSource.StateOf state, TeacherView wanted, @Nullable Splits images) {
    if (wanted.statistics() == null) {
      String own =
          images == null
              ? ""
              : "; the data's own would be --mean %s --std %s"
                  .formatted(
                      list(images.statistics().mean()),
                      list(images.statistics().standardDeviation()));
      throw new IllegalArgumentException(
          "%s: its file does not record how its images are normalised, and the file to be written must: give --mean and --std as it was trained (0,0,0 and 1,1,1 for values of 0 … 1), or a file with them (--view FILE)%s"
              .formatted(state, own));
    }
    LoadedModel loaded = state.open(wanted, images);
    if (images == null) {
      return loaded;
    }
    if (!loaded.network().input().equals(images.inputShape())) {
      throw new IllegalArgumentException(
          "%s reads images of %s in the view that is given, and the data's are %s: give the data's by --size and --channels"
              .formatted(state, loaded.network().input(), images.inputShape()));
    }
    ModelInfo info = loaded.info();
    if (readsLabels()
        && !ClassNames.composed(info.classNames()).equals(ClassNames.composed(images.classes()))) {
      throw new IllegalArgumentException(
          "%s tells apart %s in the view that is given, and the data have %s: --int8 and --calibrate need them equal, in one order"
              .formatted(state, info.classNames(), images.classes()));
    }
    ExternalView.compareAndWarn(state, wanted, images, Precision.FP32, Device.CPU, null);
    Map<String, String> provenance = new TreeMap<>(info.provenance());
    if (options.pictures.resize != null) {
      provenance.put(ModelInfo.RESIZE, options.pictures.resize.toString());
    }
    if (wanted.classes() == null) {
      provenance.put("assumed", "the classes are those of " + images.name() + " in their order");
    }
    return new LoadedModel(
        loaded.network(), new ModelInfo(info.classNames(), info.statistics(), provenance));
  }

  private static String list(float[] values) {
    List<String> texts = new ArrayList<>();
    for (float value : values) {
      texts.add(Float.toString(value));
    }
    return String.join(",", texts);
  }

  private void requireFitting() {
    if (view.isGiven() && !(model instanceof ModelSource.StateOf)) {
      throw new IllegalArgumentException(
          "--view, --mean and --std are for a state dictionary (NETWORK:FILE); the file of %s records how its images are made"
              .formatted(model));
    }
    if (data == null) {
      options.refuseWithoutData(PartOptions.class, TrainingDataOptions.class);
      if (!preprocessing) { // whose graph scales as --resize tells
        options.refuseWithoutData(PictureOptions.class);
      }
    }
    if (form == Form.SAFETENSORS && data != null && !(model instanceof ModelSource.StateOf)) {
      throw new IllegalArgumentException(
          "%s records its classes and its images itself: safetensors need no --data"
              .formatted(model));
    }
    if (form != Form.SAFETENSORS && type != null) {
      throw new IllegalArgumentException("--type is for safetensors; " + form + " holds fp32");
    }
    if (int8 && (form != Form.ONNX || data == null)) {
      throw new IllegalArgumentException(
          "--int8 is for onnx, and needs images that calibrate and measure it (--data DATA)");
    }
    if (form != Form.ONNX && preprocessing) {
      throw new IllegalArgumentException("--preprocessing is for onnx, not for " + form);
    }
    if (calibrate && (!preprocessing || data == null)) {
      throw new IllegalArgumentException(
          "--calibrate is for probabilities, which --preprocessing gives, and needs images that the temperature is fitted on (--data DATA)");
    }
  }

  private double temperature(LoadedModel loaded, @Nullable Splits images) {
    if (!calibrate) {
      return 1;
    }
    Splits data = Objects.requireNonNull(images);
    TemperatureScaling scaling =
        int8
            ? Int8Export.temperature(loaded, data)
            : TemperatureScaling.fit(loaded, data.validation(), data.test());
    print(scaling.toString());
    return scaling.temperature();
  }

  private static Dataset tried(LoadedModel loaded, @Nullable Splits images) {
    return images == null || images.test().size() == 0
        ? ExportImages.bundled(loaded.network().input())
        : ExportImages.drawn(images.test());
  }

  private void print(Int8Export.Cost cost) {
    if (cost.labelled() == 0) {
      printf(
          "int8 decides %,d of %,d test images otherwise than fp32; none of them has a label",
          cost.otherDecisions(), cost.images());
    } else {
      printf(
          "int8 decides %.2f %% of %,d test images right, fp32 %.2f %%: it costs %.2f points, and"
              + " %,d decisions are others",
          100 * cost.int8Accuracy(),
          cost.labelled(),
          100 * cost.accuracy(),
          100 * (cost.accuracy() - cost.int8Accuracy()),
          cost.otherDecisions());
    }
  }
}
