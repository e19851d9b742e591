package dev.retort.shrink;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.TensorScope;
import dev.retort.export.ExportImages;
import dev.retort.export.OnnxExport;
import dev.retort.export.Parity;
import dev.retort.serving.Estimate;
import dev.retort.serving.ServedFile;
import dev.retort.serving.ServingProcess;
import dev.retort.serving.Timing;
import dev.retort.serving.Timings;
import dev.retort.study.RunResult;
import dev.retort.study.ServingRecord;
import dev.retort.study.StudyFolder;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.training.StopRequest;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The best student of a study whose models were measured where they serve, as a file with its
 * preprocessing.
 *
 * @param outcomes what became of each candidate that was trained
 * @param best the one of them that was written
 * @param teacherValidationAccuracy in [0, 1]; null where it is unknown
 * @param teacherAccuracy on the images that the study measures on; null likewise
 * @param misses the limits that it misses, in sentences
 * @param parity of the file with the network
 * @param wholeFile the time of the file with its preprocessing; null where a call cannot be timed
 */
public record ShrunkStudent(
    List<Outcome> outcomes,
    Outcome best,
    @Nullable Double teacherValidationAccuracy,
    @Nullable Double teacherAccuracy,
    List<String> misses,
    Parity parity,
    @Nullable WholeFile wholeFile) {
  /** The file's name. */
  public static final String FILE = "student.onnx";

  private static final int IMAGES_TRIED = 1000;

  /**
   * The time of the whole file, of pictures that it need not scale.
   *
   * @param overNetwork how many times as long as the network alone it takes, both by turns
   */
  public record WholeFile(Timing timing, Estimate overNetwork) {}

  /**
   * Chooses the best student, writes its file and measures that.
   *
   * @param study a folder whose runs are done and measured
   * @param data the study's
   * @param folder for the file
   * @throws IOException if the file cannot be written, or ONNX Runtime fails
   * @throws dev.retort.training.StoppedException on request
   */
  public static ShrunkStudent write(
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
    for (RunName run : configuration.firstRuns()) {
      RunResult result = study.result(run, configuration.test()).orElse(null);
      if (result != null) {
        outcomes.add(outcome(study, result, serving));
      }
    }
    Outcome best = Outcome.best(outcomes, budget);
    TeacherRecord teacher = study.teacher().orElse(null);
    Double ofTeacher =
        teacher == null
            ? null
            : configuration.test() ? teacher.testAccuracy() : teacher.validationAccuracy();
    Dataset tried = configuration.test() ? data.test() : data.validation();
    Path file = folder.resolve(FILE);
    Parity parity;
    WholeFile wholeFile;
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelFile.load(study.student(run(configuration, best)));
      parity = whole(configuration).write(model, ExportImages.first(tried, IMAGES_TRIED), file);
      ImageShape pictures = covered(configuration, data.inputShape());
      wholeFile = time(model, file, new ServingProcess(serving.threads(), stop), pictures);
    }
    return new ShrunkStudent(
        outcomes,
        best,
        teacher == null ? null : teacher.validationAccuracy(),
        ofTeacher,
        best.misses(budget, ofTeacher, maxLoss, serving.measuredOn()),
        parity,
        wholeFile);
  }

  private static @Nullable WholeFile time(
      LoadedModel model, Path file, ServingProcess process, ImageShape image) throws IOException {
    Path alone = Files.createTempFile("retort-network", ".onnx");
    try {
      Files.write(alone, new OnnxExport(false).bytes(model));
      List<ServedFile> both = List.of(new ServedFile(file, image), new ServedFile(alone, image));
      List<Timings> timings = process.timeSingle(both, (done, total) -> {});
      Timing whole = timings.get(0).single();
      Timing network = timings.get(1).single();
      return whole == null || network == null
          ? null
          : new WholeFile(whole, Estimate.ratio(whole.rounds(), network.rounds()));
    } finally {
      Files.delete(alone);
    }
  }

  /** How the file is written, which takes pictures. */
  private static OnnxExport whole(StudyConfiguration configuration) {
    return new OnnxExport(true, configuration.data().resize());
  }

  /** The pictures that the file need not scale: those that its own, scaled, just cover. */
  static ImageShape covered(StudyConfiguration configuration, ImageShape image) {
    Integer resize = configuration.data().resize();
    return resize == null ? image : new ImageShape(image.channels(), resize, resize);
  }

  private static RunName run(StudyConfiguration configuration, Outcome best) {
    return configuration.firstRuns().stream()
        .filter(run -> run.student().equals(best.student()))
        .findFirst()
        .orElseThrow();
  }

  private static Outcome outcome(StudyFolder study, RunResult result, ServingRecord serving) {
    ServingRecord.Model model = model(serving, result.student(), ServingRecord.FP32);
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel trained = ModelFile.load(study.student(result.run()));
      return new Outcome(
          result.student(),
          Objects.requireNonNull(model.p50Milliseconds()) / 1e3,
          whole(study.configuration()).bytes(trained).length,
          Objects.requireNonNull(result.validationAccuracy()),
          Objects.requireNonNull(model.accuracy()));
    }
  }

  static ServingRecord.Model model(ServingRecord serving, String student, String numbers) {
    return serving.models().stream()
        .filter(model -> student.equals(model.student()) && model.numbers().equals(numbers))
        .findFirst()
        .orElseThrow();
  }
}
