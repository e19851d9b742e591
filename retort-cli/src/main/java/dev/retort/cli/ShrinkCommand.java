package dev.retort.cli;

import dev.retort.report.Report;
import dev.retort.shrink.Budget;
import dev.retort.shrink.CandidateCosts;
import dev.retort.shrink.CandidateTable;
import dev.retort.shrink.Outcome;
import dev.retort.shrink.Quantities;
import dev.retort.shrink.Shrink;
import dev.retort.shrink.ShrunkStudent;
import dev.retort.study.ResultNumbers;
import dev.retort.study.RunSelection;
import dev.retort.study.ServingRecord;
import dev.retort.study.Study;
import dev.retort.study.StudyFolder;
import dev.retort.study.Summary;
import dev.retort.training.DivergedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code retort shrink}. */
@CommandLine.Command(
    name = "shrink",
    header = "Makes a model fast: finds, trains and writes a student within given limits.",
    description =
        "Times the networks of the zoo, untrained, in ONNX Runtime beside the teacher. Trains the"
            + " largest that meet --p50 and --max-bytes, by the preset of ttm (of more than ten"
            + " classes, of dist). Writes the best of them: OUT/student.onnx with its preprocessing,"
            + " OUT/model-card.md, OUT/study.yaml, and the study's folder OUT/study with its report. The exit code is 1 where no network meets"
            + " the limits, and nothing is trained, or where the student that is written misses one.")
final class ShrinkCommand extends StudyCommand {
  @Option(
      names = "--teacher",
      paramLabel = "MODEL",
      required = true,
      description =
          "The model to be made smaller; how it sees images: -o teacher.mean=[…] and so on.")
  String teacher;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      required = true,
      description = "The images that it is for.")
  String data;

  @Option(
      names = "--p50",
      paramLabel = "TIME",
      required = true,
      converter = TimeArgument.class,
      description =
          "What one image may take, such as 1ms or 800us: the median, of the network alone in fp32,"
              + " on one thread of this machine.")
  double p50;

  @Option(
      names = "--max-loss",
      paramLabel = "POINTS",
      description = "How many points of accuracy it may lose against the teacher on test images.")
  @Nullable Double maxLoss;

  @Option(
      names = "--max-bytes",
      paramLabel = "SIZE",
      converter = BytesArgument.class,
      description = "How large the file may be, such as 5MB.")
  @Nullable Long maxBytes;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description =
          "The height and width of the student's images; required where pictures have several sizes.")
  @Nullable Integer size;

  @Option(
      names = "--try",
      paramLabel = "K",
      description = "How many networks are trained at most (default: ${DEFAULT-VALUE}).")
  int most = 2;

  @Option(
      names = "--students",
      paramLabel = "LIST",
      split = ",",
      description = "Networks of your own (--classpath) that are candidates, too.")
  Set<String> students = new LinkedHashSet<>();

  @Option(
      names = "--out",
      paramLabel = "OUT",
      required = true,
      description = "The folder for the results; missing or empty, unless with --resume.")
  Path out;

  @Mixin JobsOption jobs;

  /** Reads {@code 1ms}. */
  static final class TimeArgument implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      try {
        return Quantities.seconds(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Reads {@code 5MB}. */
  static final class BytesArgument implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        return Quantities.bytes(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  @Override
  public Integer call() throws IOException {
    RanksOption.requireOneProcess(
        "shrink", "the study that it wrote: retort compare OUT/study.yaml");
    Shrink shrink =
        new Shrink(
            teacher,
            data,
            size,
            new Budget(p50, maxBytes),
            maxLoss,
            most,
            students,
            overrides.given);
    compute.start();
    Shrink.Choice choice = shrink.begin(out, resume, progress(), signals().stop()).orElse(null);
    if (choice != null) {
      print(shrink, choice);
      if (choice.chosen().isEmpty()) {
        if (json.asked) {
          Map<String, Object> result = new LinkedHashMap<>();
          result.put("student", null);
          result.put("candidates", choice.costs().candidates());
          print(Json.of(result));
        }
        return ExitCode.FAILURE;
      }
    }
    try {
      int code =
          run(Shrink.studyFile(out), overrides(), RunSelection.ALL, Shrink.studyFolder(out), jobs);
      if (code != ExitCode.DONE) {
        return code;
      }
    } catch (DivergedException e) {
      // The others' results count.
      terminal().println("retort: " + e.getMessage());
    }
    return finish(shrink);
  }

  /** What the networks cost, and whether one of them is worth a training. */
  private void print(Shrink shrink, Shrink.Choice choice) {
    terminal().status("");
    Table table = new Table(CandidateTable.titles());
    CandidateTable.rows(choice.costs(), shrink.budget(), choice.networks()).forEach(table::row);
    List<String> lines = new ArrayList<>(table.lines());
    lines.addAll(CandidateTable.notes(choice.costs()));
    lines.forEach(json.asked ? terminal()::println : this::print);
    if (choice.chosen().isEmpty()) {
      terminal()
          .println(
              "retort: no network meets the limits, and nothing was trained. "
                  + nearest(choice.costs(), shrink.budget()));
    }
  }

  private static String nearest(CandidateCosts costs, Budget budget) {
    return costs
        .nearest(budget)
        .map(
            candidate ->
                "The nearest is %s: p50 %s, %s."
                    .formatted(
                        candidate.network(),
                        CandidateTable.p50(candidate, budget),
                        Quantities.size(candidate.bytes())))
        .orElse("None is left, for the reasons above.");
  }

  private StudyProgress progress() {
    return new StudyProgress(terminal(), System::nanoTime, null);
  }

  @Override
  Study read(Path path, List<String> overrides) {
    return Shrink.study(path, overrides);
  }

  private int finish(Shrink shrink) throws IOException {
    StudyFolder study = StudyFolder.open(Shrink.studyFolder(out));
    Optional<ServingRecord> before = study.serving();
    ShrunkStudent student = shrink.write(out, progress(), signals().stop());
    Summary summary = study.summarize();
    if (!study.serving().equals(before)) {
      Report.write(study, summary);
    }
    if (json.asked) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("student", student);
      result.put("serving", study.serving().orElseThrow());
      print(Json.of(result));
    } else {
      show(student, summary.measuredOn());
      print("");
      print("student  " + out.resolve(ShrunkStudent.FILE));
      print("card     " + out.resolve(ShrunkStudent.CARD));
      print("study    " + Shrink.studyFile(out));
      print("report   " + study.path().resolve(Report.PAGE));
    }
    if (!student.misses().isEmpty()) {
      terminal()
          .println(
              "retort: %s misses a limit: %s"
                  .formatted(student.best().student(), String.join("; ", student.misses())));
    }
    return student.misses().isEmpty() ? ExitCode.DONE : ExitCode.FAILURE;
  }

  private void show(ShrunkStudent student, String measuredOn) {
    String written = student.misses().isEmpty() ? "is written, meets the limits" : "is written";
    Table table =
        new Table(
            "student",
            "validation %",
            "− teacher",
            measuredOn + " %",
            "− teacher",
            "p50",
            "file",
            "");
    for (Outcome outcome : student.outcomes()) {
      table.row(
          outcome.student(),
          ResultNumbers.percent(outcome.validationAccuracy()),
          ResultNumbers.points(outcome.validationDifference()),
          ResultNumbers.percent(outcome.accuracy()),
          ResultNumbers.points(outcome.difference()),
          Quantities.time(outcome.p50()),
          Quantities.size(outcome.bytes()),
          outcome.equals(student.best()) ? written : "");
    }
    print(table);
    student.notes().forEach(this::print);
  }

  /** The student's own result comes later. */
  @Override
  void print(Summary summary, Path folder, Path report) {}
}
