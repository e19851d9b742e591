package dev.retort.shrink;

import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.AtomicFile;
import dev.retort.serving.Estimate;
import dev.retort.serving.Timing;
import dev.retort.study.ResultNumbers;
import dev.retort.study.RunResult;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingTable;
import dev.retort.study.Statistics;
import dev.retort.study.StudyFolder;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.StudyConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of a student to serve it (Mitchell et al. 2019, "Model cards for model
 * reporting"): data, teacher, accuracy, cost, and what it was checked for.
 */
public final class ModelCard {
  /** The file's name. */
  public static final String FILE = "model-card.md";

  private final StringBuilder text = new StringBuilder();

  private ModelCard() {}

  /**
   * Writes the card.
   *
   * @param study the folder of the study
   * @param data the study's
   * @param folder of the student's file
   */
  public static void write(
      StudyFolder study,
      Splits data,
      ShrunkStudent student,
      Budget budget,
      @Nullable Double maxLoss,
      Path folder)
      throws IOException {
    ModelCard card = new ModelCard();
    card.write(study, data, student, budget, maxLoss);
    AtomicFile.write(folder.resolve(FILE), card.text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void write(
      StudyFolder study,
      Splits data,
      ShrunkStudent student,
      Budget budget,
      @Nullable Double maxLoss) {
    StudyConfiguration configuration = study.configuration();
    ServingRecord serving = study.serving().orElseThrow();
    Outcome best = student.best();
    RunResult run =
        configuration.firstRuns().stream()
            .filter(name -> name.student().equals(best.student()))
            .flatMap(name -> study.result(name, configuration.test()).stream())
            .findFirst()
            .orElseThrow();
    line("# %s: %s", ShrunkStudent.FILE, best.student());
    line("");
    line(
        "A classifier of images in %d classes (%s), distilled by `retort shrink`.",
        data.classes().size(), classes(data.classes()));
    line("");
    line("## What it is");
    line("");
    line(
        "- **Network**: %s, %,d parameters, %,d multiply-accumulates an image of %s.",
        best.student(), run.parameters(), run.macs(), data.inputShape());
    line(
        "- **Data**: %s: %,d images to train on, %,d to choose by, %,d to test on. SHA-256 %s.",
        data.name(),
        data.train().size(),
        data.validation().size(),
        data.test().size(),
        data.digest());
    study.teacher().ifPresent(this::teacher);
    line(
        "- **Training**: %s, %d epochs in batches of %d, learning rate %s, seed %d. All keys are in `study/resolved.yaml`.",
        run.method(),
        configuration.training().epochs(),
        configuration.training().batchSize(),
        configuration.training().learningRate(),
        run.seed());
    ImageShape input = data.inputShape();
    ImageShape covered = ShrunkStudent.covered(configuration, input);
    line(
        "- **Input and output**: bytes `[N, height, width, %d]` of pictures of any height and width in, probabilities out. The file itself scales the pictures to cover %d x %d pixels (height, width), and cuts out %d x %d in the middle.",
        input.channels(), covered.height(), covered.width(), input.height(), input.width());
    line("");
    accuracy(student, serving, data);
    cost(student, serving, covered);
    checks(study, run, student, serving, budget, maxLoss);
  }

  private static String classes(List<String> names) {
    int shown = 12;
    return names.size() <= shown
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, shown)) + " …";
  }

  private void teacher(TeacherRecord teacher) {
    line("- **Teacher**: %s, SHA-256 %s.", teacher.network(), teacher.sha256());
  }

  private void accuracy(ShrunkStudent student, ServingRecord serving, Splits data) {
    Outcome best = student.best();
    line("## Accuracy");
    line("");
    line("| images | student, %% (95 %% interval) | teacher, %% | loss, points |");
    line("| --- | ---: | ---: | ---: |");
    accuracy(
        "validation",
        best.validationAccuracy(),
        data.validation().size(),
        student.teacherValidationAccuracy());
    if (!serving.measuredOn().equals("validation")) {
      accuracy(serving.measuredOn(), best.accuracy(), serving.images(), student.teacherAccuracy());
    }
    line("");
    line(
        "The student was chosen by validation images, so their figure flatters it; the test images had no say. The intervals (Wilson) are those of so many images from one training: another seed gives another student.");
    line("");
  }

  private void accuracy(String images, double accuracy, int n, @Nullable Double teacher) {
    List<Double> interval = Statistics.shareInterval(accuracy, n);
    line(
        "| %,d %s | %s (%s … %s) | %s | %s |",
        n,
        images,
        ResultNumbers.percent(accuracy),
        ResultNumbers.percent(interval.get(0)),
        ResultNumbers.percent(interval.get(1)),
        ResultNumbers.percent(teacher),
        ResultNumbers.percent(teacher == null ? null : Double.valueOf(teacher - accuracy)));
  }

  private void cost(ShrunkStudent student, ServingRecord serving, ImageShape covered) {
    ServingRecord.Model fp32 =
        ShrunkStudent.model(serving, student.best().student(), ServingRecord.FP32);
    line("## What it costs to serve");
    line("");
    line("| | p50 of one image | p99 | file |");
    line("| --- | ---: | ---: | ---: |");
    cost(
        "the network alone, fp32",
        fp32.p50Milliseconds(),
        fp32.p99Milliseconds(),
        Quantities.size(fp32.bytes()));
    ShrunkStudent.WholeFile file = student.wholeFile();
    Timing whole = file == null ? null : file.timing();
    cost(
        "`%s` with its preprocessing".formatted(ShrunkStudent.FILE),
        whole == null ? null : Double.valueOf(1e3 * whole.p50()),
        whole == null ? null : Double.valueOf(1e3 * whole.p99()),
        Quantities.size(student.best().bytes()));
    serving
        .teacher()
        .ifPresent(
            teacher ->
                cost(
                    "the teacher, " + teacher.numbers(),
                    teacher.p50Milliseconds(),
                    teacher.p99Milliseconds(),
                    Quantities.size(teacher.bytes())));
    line("");
    Estimate speedup = serving.speedup(fp32);
    if (speedup != null && speedup.low() != null && speedup.high() != null) {
      line(
          "The network is %.2f times as fast as the teacher (95 %% interval %.2f … %.2f).",
          speedup.value(), speedup.low(), speedup.high());
    }
    if (file != null) {
      line(
          "By turns with the network alone, the whole file takes %.2f times as long. Its time is of pictures that already have %d x %d pixels; others must be scaled first.",
          file.overNetwork().value(), covered.height(), covered.width());
    }
    line("%s", ServingTable.note(serving));
    line("");
  }

  private void cost(String what, @Nullable Double p50, @Nullable Double p99, String file) {
    line(
        "| %s | %s ms | %s ms | %s |",
        what, ServingTable.milliseconds(p50), ServingTable.milliseconds(p99), file);
  }

  private void checks(
      StudyFolder study,
      RunResult run,
      ShrunkStudent student,
      ServingRecord serving,
      Budget budget,
      @Nullable Double maxLoss) {
    Outcome best = student.best();
    line("## What it was checked for");
    line("");
    List<String> limits = new ArrayList<>();
    limits.add("p50 %s".formatted(Quantities.time(budget.p50())));
    Long bytes = budget.bytes();
    if (bytes != null) {
      limits.add("file %s".formatted(Quantities.size(bytes)));
    }
    if (maxLoss != null) {
      limits.add("loss %.2f points".formatted(maxLoss));
    }
    line(
        "- **Limits** (%s): %s.",
        String.join(", ", limits),
        student.misses().isEmpty()
            ? "met; p50 is that of the trained network alone, measured again"
            : "missed: " + String.join("; ", student.misses()));
    line("- **The file against the network**: ONNX Runtime %s.", student.parity());
    ServingRecord.Model int8 = ShrunkStudent.model(serving, best.student(), ServingRecord.INT8);
    line(
        "- **int8** (not this file; `retort export %s --to onnx --int8 --data DATA`): %s %% of the %s images, p50 %s ms, %s.",
        study.path().resolve("runs").resolve(int8.name()),
        ResultNumbers.percent(int8.accuracy()),
        serving.measuredOn(),
        ServingTable.milliseconds(int8.p50Milliseconds()),
        Quantities.size(int8.bytes()));
    if (!run.alarms().isEmpty()) {
      line("- **Alarms of the training**: %s.", String.join("; ", run.alarms()));
    }
    line(
        "- **Not checked**: images of another kind than the data's, groups of people or things within a class, damaged or adversarial images, and how well the probabilities are calibrated (`retort evaluate` measures that).");
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
