package dev.retort.shrink;

import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.export.TemperatureScaling;
import dev.retort.serving.Estimate;
import dev.retort.serving.Timing;
import dev.retort.study.MarkdownTable;
import dev.retort.study.ResultNumbers;
import dev.retort.study.RunResult;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingTable;
import dev.retort.study.Statistics;
import dev.retort.study.StudyFolder;
import dev.retort.study.Summary;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.DataConfiguration;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.system.AtomicFile;
import dev.retort.system.Build;
import dev.retort.system.ShellWord;
import dev.retort.teacher.TeacherInput;
import dev.retort.teacher.ViewComparison;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of a student to serve it (Mitchell et al. 2019, "Model cards for model
 * reporting"): data, teacher, accuracy, cost, and what it was checked for.
 */
final class ModelCard {
  /** The file's name. */
  static final String FILE = "model-card.md";

  private final StudyFolder study;
  private final StudyConfiguration configuration;
  private final Splits data;
  private final ShrunkStudent student;
  private final Outcome best;
  private final RunResult run;
  private final ServingRecord serving;
  private final Budget budget;
  private final @Nullable Double maxLoss;
  private final @Nullable CandidateCosts costs;
  private final StringBuilder text = new StringBuilder();

  private ModelCard(
      StudyFolder study,
      Splits data,
      ShrunkStudent student,
      Budget budget,
      @Nullable Double maxLoss,
      @Nullable CandidateCosts costs) {
    this.study = study;
    this.configuration = study.configuration();
    this.data = data;
    this.student = student;
    this.best = student.best();
    this.run =
        study
            .runs()
            .result(study.plan().firstRun(best.student()), configuration.test())
            .orElseThrow();
    this.serving = study.serving().orElseThrow();
    this.budget = budget;
    this.maxLoss = maxLoss;
    this.costs = costs;
  }

  /**
   * Writes the card.
   *
   * @param study the folder of the study
   * @param data the study's
   * @param folder of the student's file
   */
  static void write(
      StudyFolder study,
      Splits data,
      ShrunkStudent student,
      Budget budget,
      @Nullable Double maxLoss,
      Path folder)
      throws IOException {
    CandidateCosts costs = CostsRecord.read(folder).map(CostsRecord::costs).orElse(null);
    ModelCard card = new ModelCard(study, data, student, budget, maxLoss, costs);
    AtomicFile.write(folder.resolve(FILE), card.written());
  }

  private String written() {
    ImageShape covered = ShrunkStudent.covered(configuration, data.inputShape());
    line("# %s: %s", ShrunkStudent.FILE, best.student());
    line("");
    line(
        "A classifier of images in %d classes (%s), distilled by `retort shrink`. Retort %s wrote this card on %s.",
        data.classes().size(),
        classes(data.classes()),
        Build.version(),
        LocalDate.now(ZoneOffset.UTC));
    line("");
    network(covered);
    accuracy();
    cost(covered);
    if (costs != null) {
      candidates(costs);
    }
    checks();
    return text.toString();
  }

  private void network(ImageShape covered) {
    line("## What it is");
    line("");
    line(
        "- **Network**: %s, %,d parameters, %,d multiply-accumulates an image of %s.",
        best.student(), run.parameters(), run.macs(), data.inputShape());
    line(
        "- **Data**: %s: %,d images to train on, %,d to choose by, %,d to test on. SHA-256 %s.",
        plain(data.name()),
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
    line(
        "- **Input and output**: `pixels`, bytes `[N, height, width, %d]` of pictures of any height and width, turned by their Exif orientation%s, in; `probabilities` out, of the classes in the order of `classes.txt`. The file itself scales the pictures to cover %d x %d pixels (width x height), and cuts out %d x %d in the middle.",
        input.channels(),
        input.channels() == 3 ? ", red first" : "",
        covered.width(),
        covered.height(),
        input.width(),
        input.height());
    line(
        "- **Where it runs**: ONNX Runtime on a CPU, operator set 18. Others scale pictures otherwise, or not at all; for them `retort export %s --to onnx --out FILE` writes the network alone, which reads normalised images and gives logits.",
        ShellWord.of(
            study
                .runs()
                .path()
                .resolve(study.plan().firstRun(best.student()).toString())
                .toString()));
    line("");
  }

  private static String classes(List<String> names) {
    int shown = 12;
    return names.size() <= shown
        ? plain(String.join(", ", names))
        : plain(String.join(", ", names.subList(0, shown))) + " …";
  }

  /** A name that is shown as it is, whatever of it Markdown would take for a sign. */
  private static String plain(String name) {
    return name.replaceAll("\\p{Cntrl}", " ").replaceAll("[\\\\`*_<\\[|]", "\\\\$0");
  }

  private void teacher(TeacherRecord teacher) {
    line(
        "- **Teacher**: %s, digest %s (of what decides its outputs; not what sha256sum prints of its file).",
        plain(teacher.network()), teacher.sha256());
    TeacherInput view = teacher.view();
    if (view != null && !view.assumed().isEmpty()) {
      line(
          "- **Assumed of the teacher**, as neither its file nor the configuration gives it: %s are the data's own. Where that is wrong, the teacher is better than it seems here, and the student loses more.",
          String.join(", ", view.assumed()));
    }
    ViewComparison views = teacher.viewComparison();
    if (views != null && views.better() != null) {
      line(
          "- **A better view**: the teacher decides more validation images right in another view (%s) than in the one that it had (%s).",
          views.better(), views.candidates().get(0).name());
    }
  }

  private void accuracy() {
    line("## Accuracy");
    line("");
    accuracies();
    choice();
    line("");
    probabilities();
    line("");
  }

  /** Whether what was measured last is of the test images. */
  private boolean isTested() {
    return !serving.measuredOn().equals(Summary.VALIDATION);
  }

  private void accuracies() {
    line("| images | student, %% | teacher, %% | student − teacher, points |");
    line("| --- | ---: | ---: | ---: |");
    ServingRecord.Model file = serving.ofStudent(best.student(), ServingRecord.FP32).orElseThrow();
    Integer gained = file.gained();
    Integer lost = file.lost();
    List<Double> interval =
        gained == null || lost == null
            ? null
            : Statistics.pairedShareInterval(gained, lost, serving.images());
    if (isTested()) {
      accuracy(
          Summary.VALIDATION,
          Math.toIntExact(data.validation().labelled().count()),
          best.validationAccuracy(),
          best.validationDifference(),
          null);
    }
    accuracy(serving.measuredOn(), serving.images(), best.accuracy(), best.difference(), interval);
    line("");
    line(
        "In brackets are 95 %% intervals: Wilson's of an accuracy%s. They are those of so many images from one training: another seed gives another student.",
        interval == null
            ? ""
            : ", and Agresti and Min's of the difference, which is of the same images");
  }

  /** What the choice among the candidates does to the accuracy. */
  private void choice() {
    boolean met = budget.allows(best.p50(), best.bytes());
    boolean chosen =
        met
            && student.outcomes().stream()
                    .filter(outcome -> budget.allows(outcome.p50(), outcome.bytes()))
                    .count()
                > 1;
    if (!met) {
      line(
          "No student met the limits when they were timed again. This one exceeds them least, whatever its accuracy.");
    }
    if (isTested()) {
      line(
          "%sThe test images had no say, and the student's accuracy on them is that of a file in ONNX Runtime, in fp32.",
          chosen
              ? "The student was chosen by its validation accuracy, which may be too high for that reason. "
              : "");
    } else {
      line(
          "The study left the test images alone.%s",
          chosen
              ? " The student was chosen by these images, so that its accuracy may be too high."
              : "");
    }
  }

  private void probabilities() {
    TemperatureScaling calibration = student.calibration();
    if (calibration == null) {
      line(
          "**Its probabilities are those of the network**: %s.",
          Objects.requireNonNull(student.uncalibrated()));
    } else {
      line(
          "**Its logits are divided by a temperature**, %.3g, which was fitted on %,d validation images and changes no decision. The expected calibration error on %s is %.3f, and would be %.3f without it.",
          calibration.temperature(),
          calibration.fittedOn(),
          isTested()
              ? String.format(Locale.ROOT, "%,d test images", calibration.measuredOn())
              : "the same images",
          calibration.error(),
          calibration.errorBefore());
      if (student.miscalibration() != null) {
        line("%s", student.miscalibration());
      }
    }
  }

  private void accuracy(
      String images,
      int n,
      double accuracy,
      @Nullable Double difference,
      @Nullable List<Double> differenceInterval) {
    line(
        "| %,d %s | %s | %s | %s%s |",
        n,
        images,
        share(accuracy, n),
        difference == null ? ResultNumbers.UNDEFINED : share(accuracy - difference, n),
        ResultNumbers.points(difference),
        differenceInterval == null
            ? ""
            : " (%s … %s)"
                .formatted(
                    ResultNumbers.points(differenceInterval.get(0)),
                    ResultNumbers.points(differenceInterval.get(1))));
  }

  private static String share(double share, int n) {
    List<Double> interval = Statistics.shareInterval(share, n);
    return "%s (%s … %s)"
        .formatted(
            ResultNumbers.percent(share),
            ResultNumbers.percent(interval.get(0)),
            ResultNumbers.percent(interval.get(1)));
  }

  private void cost(ImageShape covered) {
    ServingRecord.Model fp32 = serving.ofStudent(best.student(), ServingRecord.FP32).orElseThrow();
    line("## What it costs to serve");
    line("");
    line("| | p50 of one image | p99 | file | memory |");
    line("| --- | ---: | ---: | ---: | ---: |");
    cost("the network alone, fp32", fp32);
    ShrunkStudent.WholeFile file = student.wholeFile();
    String size = Quantities.size(best.bytes());
    String fitting = String.format(Locale.ROOT, "%d x %d", covered.width(), covered.height());
    cost(pictures(fitting), file == null ? null : file.timing(), size);
    cost(pictures(ShrunkStudent.PHOTOGRAPH), file == null ? null : file.ofPhotograph(), size);
    serving.teacher().ifPresent(teacher -> cost("the teacher, " + teacher.numbers(), teacher));
    line("");
    Estimate speedup = serving.speedup(fp32);
    if (speedup != null && speedup.low() != null && speedup.high() != null) {
      line(
          "The network is %.2f times as fast as the teacher (95 %% interval %.2f … %.2f).",
          speedup.value(), speedup.low(), speedup.high());
    }
    if (file != null) {
      line(
          "By turns with the network alone, the whole file takes %.2f times as long for pictures that it need not scale. All times are of decoded pictures: a JPEG must be read first.",
          file.overNetwork().value());
    }
    line("%s", ServingTable.note(serving));
    String disturbance = student.disturbance();
    if (file != null
        && !Objects.equals(disturbance, ServingTable.disturbance(serving.otherProcesses()))) {
      line(
          "The rows with preprocessing were timed apart. %s",
          disturbance == null ? "Other processes left the machine alone." : disturbance);
    }
    line("");
  }

  private void cost(String what, ServingRecord.Model model) {
    Long memory = model.residentBytes();
    cost(
        what,
        model.p50Milliseconds(),
        model.p99Milliseconds(),
        Quantities.size(model.bytes()),
        memory == null ? ResultNumbers.UNDEFINED : Quantities.size(memory));
  }

  private void cost(String what, @Nullable Timing timing, String file) {
    cost(
        what,
        timing == null ? null : Double.valueOf(1e3 * timing.p50()),
        timing == null ? null : Double.valueOf(1e3 * timing.p99()),
        file,
        ResultNumbers.UNDEFINED);
  }

  private static String pictures(String size) {
    return "`%s` with its preprocessing, pictures of %s".formatted(ShrunkStudent.FILE, size);
  }

  private void cost(
      String what, @Nullable Double p50, @Nullable Double p99, String file, String memory) {
    line(
        "| %s | %s ms | %s ms | %s | %s |",
        what, ServingTable.milliseconds(p50), ServingTable.milliseconds(p99), file, memory);
  }

  private void candidates(CandidateCosts all) {
    line("## What else could have been taken");
    line("");
    line("Untrained, before the choice; the time of a trained network may differ.");
    line("");
    line("%s", MarkdownTable.row(CandidateTable.titles()));
    line("| --- | ---: | ---: | ---: | ---: | --- |");
    List<String> tried = configuration.students().stream().map(tries -> tries.name()).toList();
    CandidateTable.rows(all, budget, tried).forEach(row -> line("%s", MarkdownTable.row(row)));
    line("");
    List<String> notes = new ArrayList<>(CandidateTable.notes(all));
    String processor = all.processor();
    if (processor != null && !processor.equals(serving.processor())) {
      notes.add("timed on another processor than the student: " + processor);
    }
    tried.stream()
        .filter(name -> student.outcomes().stream().noneMatch(end -> end.student().equals(name)))
        .forEach(name -> notes.add(name + ": its training diverged"));
    if (!notes.isEmpty()) {
      notes.forEach(note -> line("- %s", note));
      line("");
    }
  }

  private void checks() {
    line("## What it was checked for");
    line("");
    List<String> limits = new ArrayList<>();
    limits.add("p50 %s".formatted(Quantities.time(budget.p50())));
    Long bytes = budget.bytes();
    if (bytes != null) {
      limits.add("file %s".formatted(Quantities.size(bytes)));
    }
    if (maxLoss != null) {
      limits.add(
          "loss %s points"
              .formatted(BigDecimal.valueOf(maxLoss).stripTrailingZeros().toPlainString()));
    }
    line(
        "- **Limits** (%s): %s.",
        String.join(", ", limits),
        student.misses().isEmpty()
            ? "met; p50 is that of the trained network alone, measured again"
            : "missed: " + String.join("; ", student.misses()));
    line("- **The file against the network**: ONNX Runtime %s.", student.parity());
    ServingRecord.Model int8 = serving.ofStudent(best.student(), ServingRecord.INT8).orElseThrow();
    line(
        "- **int8** (not this file): %s %% of the %s images, p50 %s ms, %s. `retort export %s --to onnx --int8 --preprocessing%s --data %s%s --out FILE` writes one%s.",
        ResultNumbers.percent(int8.accuracy()),
        serving.measuredOn(),
        ServingTable.milliseconds(int8.p50Milliseconds()),
        Quantities.size(int8.bytes()),
        ShellWord.of(study.runs().path().resolve(int8.name()).toString()),
        student.calibration() == null ? "" : " --calibrate",
        ShellWord.of(configuration.data().source()),
        options(configuration.data()),
        isTested() ? "" : ", and reads the test images, if there are any, to measure it");
    if (!run.alarms().isEmpty()) {
      line("- **Alarms of the training**: %s.", String.join("; ", run.alarms()));
    }
    line(
        "- **Not checked**: the file's own scaling of pictures, since the accuracies and the comparison above are of images that had the network's size; images of another kind than the data's, groups of people or things within a class, and damaged or adversarial images.");
  }

  /** The options of a command that reads the same images. */
  private static String options(DataConfiguration data) {
    Map<String, @Nullable Object> options = new LinkedHashMap<>();
    options.put("--resize", data.resize());
    options.put("--unlabelled", data.unlabelled());
    options.put("--validation", data.validation());
    options.put("--test", data.test());
    options.put("--split-seed", data.splitSeed() == 0 ? null : data.splitSeed());
    options.put("--image-column", data.imageColumn());
    options.put("--label-column", data.labelColumn());
    StringBuilder text = new StringBuilder();
    options.forEach(
        (option, value) -> {
          if (value != null) {
            text.append(' ').append(option).append(' ').append(ShellWord.of(value.toString()));
          }
        });
    return text.append(data.unreadable() == Unreadable.SKIP ? " --skip-unreadable" : "").toString();
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
