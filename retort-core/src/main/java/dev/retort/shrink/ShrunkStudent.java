package dev.retort.shrink;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.TensorScope;
import dev.retort.export.ExportException;
import dev.retort.export.ExportImages;
import dev.retort.export.OnnxExport;
import dev.retort.export.Parity;
import dev.retort.export.TemperatureScaling;
import dev.retort.onnx.OnnxModel;
import dev.retort.serving.Estimate;
import dev.retort.serving.OtherProcesses;
import dev.retort.serving.ServedFile;
import dev.retort.serving.ServingProcess;
import dev.retort.serving.Timing;
import dev.retort.serving.Timings;
import dev.retort.study.RunResult;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingTable;
import dev.retort.study.StudyFolder;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.system.AtomicFile;
import dev.retort.training.StopRequest;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The best student of a study whose models were measured where they serve, as a file with its
 * preprocessing.
 *
 * @param outcomes what became of each candidate that was trained
 * @param best the one of them that was written
 * @param misses the limits that it misses, in sentences
 * @param parity of the file with the network
 * @param calibration of the file's probabilities; null where no temperature could be fitted
 * @param uncalibrated why not, in a sentence; null where one was fitted
 * @param wholeFile the time of the file with its preprocessing; null where a call cannot be timed
 */
public record ShrunkStudent(
    List<Outcome> outcomes,
    Outcome best,
    List<String> misses,
    Parity parity,
    @Nullable TemperatureScaling calibration,
    @Nullable String uncalibrated,
    @Nullable WholeFile wholeFile) {
  /** The file's name. */
  public static final String FILE = "student.onnx";

  /** The name of its model card. */
  public static final String CARD = ModelCard.FILE;

  /** Its classes, a line each, in the order of its outputs. */
  private static final String CLASSES = "classes.txt";

  /** Height and width of a photograph, of which the whole file is timed, too. */
  private static final int PHOTOGRAPH_HEIGHT = 480;

  private static final int PHOTOGRAPH_WIDTH = 640;

  static final String PHOTOGRAPH = PHOTOGRAPH_WIDTH + " x " + PHOTOGRAPH_HEIGHT;

  /**
   * The time of the whole file.
   *
   * @param timing of pictures that it need not scale
   * @param overNetwork how many times as long as the network alone it takes, both by turns
   * @param ofPhotograph of decoded pictures of 640 x 480 pixels
   * @param otherProcesses the cores that other processes took meanwhile; null where that is unknown
   */
  public record WholeFile(
      Timing timing, Estimate overNetwork, Timing ofPhotograph, @Nullable Double otherProcesses) {}

  /** Has as many digits as a fitted one, and so takes as many bytes in the file. */
  static final double SOME_TEMPERATURE = 1.0 / 3;

  /**
   * Chooses the best student, writes its file and measures that.
   *
   * @param study a folder whose runs are done and measured
   * @param data the study's
   * @param folder for the file
   * @throws IOException if the file cannot be written, or ONNX Runtime fails
   * @throws dev.retort.training.StoppedException on request
   */
  static ShrunkStudent write(
      StudyFolder study,
      Splits data,
      Budget budget,
      @Nullable Double maxLoss,
      Path folder,
      StopRequest stop)
      throws IOException {
    StudyConfiguration configuration = study.configuration();
    ServingRecord serving = study.serving().orElseThrow();
    List<Outcome> outcomes = new ArrayList<>();
    for (RunName run : study.plan().firstRuns()) {
      RunResult result = study.runs().result(run, configuration.test()).orElse(null);
      if (result != null) {
        outcomes.add(outcome(study, configuration, result, serving));
      }
    }
    Outcome best = Outcome.best(outcomes, budget);
    Dataset tried = configuration.test() ? data.test() : data.validation();
    Path file = folder.resolve(FILE);
    Parity parity;
    TemperatureScaling calibration = null;
    String uncalibrated = null;
    WholeFile wholeFile;
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model =
          ModelFile.load(study.runs().student(study.plan().firstRun(best.student())));
      try {
        calibration = TemperatureScaling.fit(model, data.validation(), tried);
      } catch (ExportException e) { // not DataException: of a picture that cannot be read
        uncalibrated = String.valueOf(e.getMessage());
      }
      OnnxExport export = whole(configuration, calibration == null ? 1 : calibration.temperature());
      parity = export.write(model, ExportImages.drawn(tried), file);
      AtomicFile.write(
          folder.resolve(CLASSES), String.join("\n", model.info().classNames()) + "\n");
      ImageShape pictures = covered(configuration, data.inputShape());
      wholeFile = time(model, file, new ServingProcess(serving.threads(), stop), pictures);
    }
    Outcome written = best.withBytes(Files.size(file));
    outcomes.set(outcomes.indexOf(best), written);
    return new ShrunkStudent(
        List.copyOf(outcomes),
        written,
        written.misses(budget, maxLoss, serving.measuredOn()),
        parity,
        calibration,
        uncalibrated,
        wholeFile);
  }

  /** What must be known beside the outcomes, in lines. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (wholeFile != null) {
      notes.add(
          String.format(
              Locale.ROOT,
              "p50 is that of the network alone, of an image of its own size; %s with its preprocessing takes %s (by turns, %.2f times as long), and %s of a decoded photograph of %s pixels",
              FILE,
              Quantities.time(wholeFile.timing().p50()),
              wholeFile.overNetwork().value(),
              Quantities.time(wholeFile.ofPhotograph().p50()),
              PHOTOGRAPH));
    }
    if (disturbance() != null) {
      notes.add(FILE + " was timed last. " + disturbance());
    }
    notes.add(calibration == null ? Objects.requireNonNull(uncalibrated) : calibration.toString());
    if (miscalibration() != null) {
      notes.add(miscalibration());
    }
    return notes;
  }

  /** What disturbed the timing of the whole file, in a sentence; null where nothing did. */
  @Nullable String disturbance() {
    return wholeFile == null ? null : ServingTable.disturbance(wholeFile.otherProcesses());
  }

  /** That the temperature makes probabilities worse, in a sentence; null where it does not. */
  @Nullable String miscalibration() {
    // Three digits, as the card has them.
    return calibration == null
            || Math.round(1e3 * calibration.error()) <= Math.round(1e3 * calibration.errorBefore())
        ? null
        : "The calibration error is larger with the temperature than without.";
  }

  private static @Nullable WholeFile time(
      LoadedModel model, Path file, ServingProcess process, ImageShape image) throws IOException {
    Path alone = Files.createTempFile("retort-network", OnnxModel.ENDING);
    try {
      Files.write(alone, new OnnxExport(false).bytes(model));
      ImageShape photograph = new ImageShape(image.channels(), PHOTOGRAPH_HEIGHT, PHOTOGRAPH_WIDTH);
      List<ServedFile> files =
          List.of(
              new ServedFile(file, image),
              new ServedFile(alone, image),
              new ServedFile(file, photograph));
      OtherProcesses others = OtherProcesses.watch();
      List<Timings> timings = process.timeSingle(files, (done, total) -> {});
      Double cores = others.cores();
      Timing whole = timings.get(0).single();
      Timing network = timings.get(1).single();
      Timing ofPhotograph = timings.get(2).single();
      return whole == null || network == null || ofPhotograph == null
          ? null
          : new WholeFile(
              whole, Estimate.ratio(whole.rounds(), network.rounds()), ofPhotograph, cores);
    } finally {
      Files.delete(alone);
    }
  }

  /** How the file is written, which takes pictures. */
  private static OnnxExport whole(StudyConfiguration configuration, double temperature) {
    return new OnnxExport(true, configuration.data().resize(), temperature);
  }

  /** The pictures that the file need not scale: those that its own, scaled, just cover. */
  static ImageShape covered(StudyConfiguration configuration, ImageShape image) {
    Integer resize = configuration.data().resize();
    return resize == null ? image : new ImageShape(image.channels(), resize, resize);
  }

  private static Outcome outcome(
      StudyFolder study,
      StudyConfiguration configuration,
      RunResult result,
      ServingRecord serving) {
    ServingRecord.Model model =
        serving.ofStudent(result.student(), ServingRecord.FP32).orElseThrow();
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel trained = ModelFile.load(study.runs().student(result.run()));
      double validation = Objects.requireNonNull(result.validationAccuracy());
      double accuracy = Objects.requireNonNull(model.accuracy());
      Double ofTeacher = teacherAccuracy(study, configuration.test(), serving);
      Double validationOfTeacher =
          study.teacher().map(TeacherRecord::validationAccuracy).orElse(null);
      return new Outcome(
          result.student(),
          BigDecimal.valueOf(Objects.requireNonNull(model.p50Milliseconds()))
              .movePointLeft(3)
              .doubleValue(),
          whole(configuration, SOME_TEMPERATURE).bytes(trained).length,
          validation,
          validationOfTeacher == null ? null : Double.valueOf(validation - validationOfTeacher),
          accuracy,
          ofTeacher == null ? null : Double.valueOf(accuracy - ofTeacher));
    }
  }

  /** On the images that the study measures on: of the file that was measured, if it was. */
  private static @Nullable Double teacherAccuracy(
      StudyFolder study, boolean test, ServingRecord serving) {
    return serving
        .teacher()
        .map(ServingRecord.Model::accuracy)
        .or(
            () ->
                study
                    .teacher()
                    .map(test ? TeacherRecord::testAccuracy : TeacherRecord::validationAccuracy))
        .orElse(null);
  }
}
