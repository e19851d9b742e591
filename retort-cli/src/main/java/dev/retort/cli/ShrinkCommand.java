package dev.retort.cli;

import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.network.Networks;
import dev.retort.report.Report;
import dev.retort.serving.OtherProcesses;
import dev.retort.shrink.Budget;
import dev.retort.shrink.Candidate;
import dev.retort.shrink.CandidateCosts;
import dev.retort.shrink.CandidateTable;
import dev.retort.shrink.CostsRecord;
import dev.retort.shrink.ModelCard;
import dev.retort.shrink.Outcome;
import dev.retort.shrink.Quantities;
import dev.retort.shrink.Shortlist;
import dev.retort.shrink.ShrunkStudent;
import dev.retort.shrink.StudyFile;
import dev.retort.study.ResultNumbers;
import dev.retort.study.RunSelection;
import dev.retort.study.ServedTeacher;
import dev.retort.study.ServingMeasurement;
import dev.retort.study.Study;
import dev.retort.study.StudyFolder;
import dev.retort.study.Summary;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TeacherConfiguration;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.Teacher;
import dev.retort.training.DivergedException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
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
        "Times the networks of the zoo, untrained, in ONNX Runtime beside the teacher, trains the"
            + " largest that meet --p50 and --max-bytes by the recommended method, and writes the best"
            + " of them: OUT/student.onnx with its preprocessing, OUT/model-card.md, OUT/study.yaml and"
            + " the study's folder OUT/study with its report. The exit code is 1 where no network meets"
            + " the limits, and nothing is trained, or where the student that is written misses one.")
final class ShrinkCommand extends StudyCommand {
  private static final String STUDY_FILE = "study.yaml";

  /** Keys of a study that are not the user's: results are looked up by their student's name. */
  private static final Set<String> DECIDED = Set.of("student", "students", "methods", "serving");

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
      description = "The height and width of the student's images, where the data have several.")
  @Nullable Integer size;

  @Option(
      names = "--try",
      paramLabel = "K",
      defaultValue = "2",
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
    Budget budget = new Budget(p50, maxBytes);
    requireFitting();
    Path file = out.resolve(STUDY_FILE);
    StudyConfiguration asked = StudyFile.asked(asked());
    if (Files.exists(file)) {
      requireAskedBefore(asked);
    } else if (!choose(asked, budget, file)) {
      return ExitCode.FAILURE;
    }
    Path folder = out.resolve("study");
    try {
      int code = run(file, changes(), RunSelection.ALL, folder, jobs);
      if (code != ExitCode.DONE) {
        return code;
      }
    } catch (DivergedException e) {
      if (StudyFolder.open(folder).summarize().methods().stream()
          .allMatch(method -> method.seeds().isEmpty())) {
        throw e;
      }
      terminal().println("retort: " + e.getMessage());
    }
    return finish(budget, StudyFolder.open(folder));
  }

  private void requireFitting() throws IOException {
    if (most < 1) {
      throw new IllegalArgumentException("--try must be at least 1, not " + most);
    }
    if (maxLoss != null && !(maxLoss >= 0)) {
      throw new IllegalArgumentException("--max-loss must not be negative, but is " + maxLoss);
    }
    for (String change : overrides.overrides) {
      if (DECIDED.contains(change.strip().split("[.\\[=]", 2)[0])) {
        throw new IllegalArgumentException(
            "-o %s: shrink itself decides students, methods and serving; change them in the %s that it writes, for retort compare"
                .formatted(change, STUDY_FILE));
      }
    }
    students.forEach(Networks::require);
    if (!resume && Files.exists(out)) {
      try (Stream<Path> content = Files.list(out)) {
        // Costs alone are left where no network met the limits.
        if (!content.allMatch(path -> path.endsWith(CostsRecord.FILE))) {
          throw new IllegalArgumentException(
              "%s is not empty, and a run never overwrites another: choose another folder, or go on in it with --resume"
                  .formatted(out));
        }
      }
    }
    Files.createDirectories(out);
  }

  private List<String> asked() {
    // In quotes: a path may have what YAML reads otherwise.
    List<String> asked =
        new ArrayList<>(List.of("data=" + Json.of(data), "teacher=" + Json.of(teacher)));
    if (size != null) {
      asked.add("data.size=" + size);
    }
    asked.addAll(overrides.overrides);
    return asked;
  }

  /** What is asked for, by option; paths are absolute. */
  private Map<String, String> request(StudyConfiguration asked) {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("teacher", Objects.requireNonNull(asked.teacher()).model());
    request.put("data", asked.data().source());
    request.put("size", Objects.toString(asked.data().size(), CostsRecord.NONE));
    request.put("students", students.isEmpty() ? CostsRecord.NONE : String.join(",", students));
    request.put("try", Integer.toString(most));
    request.put("p50", BigDecimal.valueOf(p50).stripTrailingZeros().toPlainString() + " s");
    request.put("max-bytes", maxBytes == null ? CostsRecord.NONE : maxBytes + " B");
    request.put("max-loss", Objects.toString(maxLoss, CostsRecord.NONE));
    return request;
  }

  /** Refuses to go on with other options than those that the folder was begun with. */
  private void requireAskedBefore(StudyConfiguration asked) {
    List<String> differences =
        CostsRecord.read(out).map(before -> before.differences(request(asked))).orElse(List.of());
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "%s was begun with %s: go on in it with the same options, or choose another folder"
              .formatted(out, String.join("; ", differences)));
    }
  }

  /** Whether a network is worth a training: the study's file is written then. */
  private boolean choose(StudyConfiguration asked, Budget budget, Path file) throws IOException {
    compute.start();
    StudyProgress progress = progress();
    Splits images = asked.data().open(progress::looksAtImages);
    CandidateCosts costs = costs(asked, images, budget, progress);
    terminal().status("");
    new CostsRecord(request(asked), costs).write(out);
    List<Candidate> chosen = Shortlist.of(costs.candidates(), budget, most);
    show(costs, budget, chosen);
    if (chosen.isEmpty()) {
      terminal()
          .println(
              "retort: no network meets the limits, and nothing was trained. "
                  + nearest(costs, budget));
      return false;
    }
    StudyFile.write(
        file,
        asked,
        images,
        chosen.stream().map(Candidate::network).toList(),
        "The largest networks with a p50 of at most %s%s on this machine."
            .formatted(
                Quantities.time(budget.p50()),
                maxBytes == null ? "" : " and a file of at most " + Quantities.size(maxBytes)),
        overrides.overrides);
    return true;
  }

  private CandidateCosts costs(
      StudyConfiguration asked, Splits images, Budget budget, StudyProgress progress)
      throws IOException {
    TeacherConfiguration configured = Objects.requireNonNull(asked.teacher());
    Set<String> networks = new LinkedHashSet<>(Networks.zoo());
    networks.addAll(students);
    Path files = Files.createTempDirectory("retort-candidates");
    try (TensorScope scope = TensorScope.open()) {
      Teacher known =
          ModelSource.parse(configured.model(), Path.of(""))
              .teacher(configured.view(), images, Precision.FP32, Device.CPU);
      String name = known.name();
      Long macs = known.macs();
      known.release();
      progress.awaitsQuiet(OtherProcesses.PATIENCE);
      OtherProcesses.awaitQuiet(OtherProcesses.PATIENCE);
      return CandidateCosts.measure(
          List.copyOf(networks),
          images,
          asked.data().resize(),
          new ServedTeacher(configured, images).file(files),
          name,
          macs,
          budget.p50(),
          files,
          progress::measuresServing,
          signals().stop());
    } finally {
      try (Stream<Path> written = Files.list(files)) {
        for (Path file : written.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(files);
    }
  }

  private StudyProgress progress() {
    return new StudyProgress(terminal(), System::nanoTime, null);
  }

  /**
   * It waits a while for other programs to leave the machine alone, and then measures all the same,
   * since nothing can be chosen without; the tables and the card say what disturbed it.
   */
  @Override
  Study read(Path path, List<String> changes) {
    return Study.read(path, changes).patience(OtherProcesses.PATIENCE);
  }

  private void show(CandidateCosts costs, Budget budget, List<Candidate> chosen) {
    Table table = new Table(CandidateTable.titles().toArray(String[]::new));
    CandidateTable.rows(costs, budget, chosen.stream().map(Candidate::network).toList())
        .forEach(row -> table.row(row.toArray(String[]::new)));
    List<String> lines = new ArrayList<>(table.lines());
    lines.addAll(CandidateTable.notes(costs));
    lines.forEach(json.asked ? terminal()::println : this::print);
  }

  private String nearest(CandidateCosts costs, Budget budget) {
    return Shortlist.nearest(costs.candidates(), budget)
        .filter(candidate -> candidate.timing() != null)
        .map(
            candidate ->
                "The nearest is %s: p50 %s, %s."
                    .formatted(
                        candidate.network(),
                        CandidateTable.p50(candidate),
                        Quantities.size(candidate.bytes())))
        .orElse("None is left, for the reasons above.");
  }

  private int finish(Budget budget, StudyFolder study) throws IOException {
    StudyProgress progress = progress();
    Summary summary = study.summarize();
    if (study.serving().isEmpty()) {
      // The study's own measurement failed, and has said why.
      ServingMeasurement.measure(study, OtherProcesses.PATIENCE, progress, signals().stop());
      Report.write(study, summary);
    }
    Splits images = study.configuration().data().open(progress::looksAtImages);
    ShrunkStudent student =
        ShrunkStudent.write(study, images, budget, maxLoss, out, signals().stop());
    ModelCard.write(study, images, student, budget, maxLoss, out);
    if (json.asked) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("student", student);
      result.put("serving", study.serving().orElseThrow());
      print(Json.of(result));
    } else {
      show(student, summary.measuredOn());
      print("");
      print("student  " + out.resolve(ShrunkStudent.FILE));
      print("card     " + out.resolve(ModelCard.FILE));
      print("study    " + out.resolve(STUDY_FILE));
      print("report   " + study.path().resolve("report.html"));
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
            "to teacher",
            measuredOn + " %",
            "to teacher",
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
    table.lines().forEach(this::print);
    student.notes().forEach(this::print);
  }

  /** The student's own result comes later. */
  @Override
  void print(Summary summary, Path folder, Path report) {}
}
