package dev.retort.cli;

import dev.retort.data.DataException;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.network.Activations;
import dev.retort.study.ResultNumbers;
import dev.retort.teacher.ClassOrder;
import dev.retort.teacher.ExternalView;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherView;
import dev.retort.training.CalibrationError;
import dev.retort.training.Evaluation;
import dev.retort.training.Evaluator;
import dev.retort.weights.LoadedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort evaluate}. */
@CommandLine.Command(
    name = "evaluate",
    header = "Measures how well a model classifies a data set.",
    description =
        "Prints the accuracy, over all and class by class, the confusion matrix (of more than 20 classes with --json only), the calibration"
            + " error and the throughput, on images as they are.")
final class EvaluateCommand extends Command {
  private static final Logger LOG = LoggerFactory.getLogger(EvaluateCommand.class);

  /** The confusion matrix of more classes is printed with --json only. */
  private static final int MATRIX_CLASSES = 20;

  /** The precisions that a network is evaluated in. */
  enum Choice {
    FP32(Precision.FP32),
    BF16(Precision.BF16);

    private final Precision precision;

    Choice(Precision precision) {
      this.precision = precision;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "MODEL", description = ModelArgument.MODEL_OR_OUTPUTS)
  ModelSource model;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      required = true,
      description = "The images; retort list datasets shows the spellings.")
  DatasetSource data;

  @Mixin TrainingDataOptions options;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "test",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Split split;

  @Option(
      names = "--precision",
      paramLabel = "PRECISION",
      defaultValue = "fp32",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Choice precision;

  @Mixin ViewOption view;

  @Mixin ComputeOptions compute;

  @Mixin JsonOption json;

  /**
   * What is printed as JSON.
   *
   * @param n labelled images
   * @param perClass the share of each class's images that were decided right, by name; null of a
   *     class without images
   * @param calibrationError the expected one, in [0, 1]
   * @param confusion images by class, then by decision
   * @param precision in which the network computed; null where the model has its own
   */
  record Result(
      double accuracy,
      int n,
      double imagesPerSecond,
      Map<String, @Nullable Double> perClass,
      double calibrationError,
      int[][] confusion,
      String split,
      @Nullable String precision) {}

  @Override
  public Integer call() {
    boolean own = computesAsTold();
    if (!own && precision != Choice.FP32) {
      throw new IllegalArgumentException(
          "--precision is that of Retort's networks, and " + model + " computes in its own");
    }
    Device device = compute.start();
    TeacherView wanted = view.read(); // reading many pictures takes long
    Splits images = options.open(data, model);
    try (TensorScope scope = TensorScope.open()) {
      Result result =
          view.isGiven() || !own
              ? evaluateInItsView(wanted, images, device)
              : evaluate(loaded(images, device), images, device);
      if (json.asked) {
        print(Json.of(result));
      } else {
        print(result);
      }
    }
    return ExitCode.DONE;
  }

  /** Whether it is a network of Retort's, whose precision can be chosen. */
  private boolean computesAsTold() {
    return !(model instanceof ModelSource.External || model instanceof ModelSource.Recorded);
  }

  private LoadedModel loaded(Splits images, Device device) {
    LoadedModel loaded = model.openFor(images);
    ExternalView.compareAndWarn(
        model, TeacherView.standard(), images, precision.precision, device, null);
    return loaded;
  }

  private Result evaluateInItsView(TeacherView wanted, Splits images, Device device) {
    try (Teacher teacher = model.teacher(wanted, images, precision.precision, device)) {
      model.warnOfImagesLearntFrom(images);
      ExternalView.compareAndWarn(model, wanted, images, precision.precision, device, teacher);
      return measure(images, device, (evaluator, look) -> evaluator.evaluate(teacher, look));
    }
  }

  private Result evaluate(LoadedModel loaded, Splits images, Device device) {
    loaded.network().state().moveTo(device);
    // The model's own view of the images, which need not be that of this data set.
    Splits seen = images.seen(loaded.network().input(), loaded.info().statistics());
    return measure(
        seen, device, (evaluator, look) -> evaluator.evaluate(loaded.network(), Set.of(), look));
  }

  private Result measure(
      Splits seen,
      Device device,
      BiFunction<Evaluator, BiConsumer<Batch, Activations>, Evaluation> classify) {
    CalibrationError calibration = new CalibrationError();
    try (Evaluator evaluator = new Evaluator(split.of(seen), seen, precision.precision, device)) {
      Evaluation evaluation =
          classify.apply(evaluator, (batch, out) -> calibration.add(out.logits(), batch.labels()));
      if (evaluation.labelled() == 0) {
        throw new DataException(
            "%s: none of the %,d %s images has a label, and an accuracy needs some"
                .formatted(seen.name(), evaluation.size(), split));
      }
      int[][] confusion = evaluation.confusion(seen.classes().size());
      ClassOrder.complaint(evaluation.decisions(), evaluation.labels(), seen.classes())
          .ifPresent(complaint -> LOG.warn("{}: {}", model, complaint));
      return new Result(
          evaluation.accuracy(),
          evaluation.labelled(),
          evaluation.size() / evaluation.seconds(),
          perClass(confusion, seen.classes()),
          calibration.value(),
          confusion,
          split.toString(),
          computesAsTold() ? precision.toString() : null);
    }
  }

  private static Map<String, @Nullable Double> perClass(int[][] confusion, List<String> classes) {
    Map<String, @Nullable Double> perClass = new LinkedHashMap<>();
    for (int c = 0; c < classes.size(); c++) {
      int images = IntStream.of(confusion[c]).sum();
      perClass.put(classes.get(c), images == 0 ? null : (double) confusion[c][c] / images);
    }
    return perClass;
  }

  private void print(Result result) {
    printf(
        "accuracy %.2f %% of %,d %s images, calibration error %.4f, %,.0f images/s%s",
        100 * result.accuracy(),
        result.n(),
        split,
        result.calibrationError(),
        result.imagesPerSecond(),
        result.precision() == null ? "" : " in " + result.precision());
    print("");
    List<String> classes = List.copyOf(result.perClass().keySet());
    boolean matrix = classes.size() <= MATRIX_CLASSES;
    List<String> titles = new ArrayList<>(List.of("class", "images", "right %"));
    if (matrix) {
      titles.addAll(classes);
    }
    Table table = new Table(titles);
    for (int c = 0; c < classes.size(); c++) {
      int[] decided = result.confusion()[c];
      int ofClass = IntStream.of(decided).sum();
      List<String> cells = new ArrayList<>();
      cells.add(classes.get(c));
      cells.add(Integer.toString(ofClass));
      Double right = result.perClass().get(classes.get(c));
      cells.add(
          right == null
              ? ResultNumbers.UNDEFINED
              : String.format(Locale.ROOT, "%.1f", 100 * right));
      if (matrix) {
        IntStream.of(decided).forEach(count -> cells.add(Integer.toString(count)));
      }
      table.row(cells);
    }
    print(table);
  }
}
