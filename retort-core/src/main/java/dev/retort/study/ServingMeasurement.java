package dev.retort.study;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.Processor;
import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.export.Int8Export;
import dev.retort.export.OnnxExport;
import dev.retort.onnx.OnnxModel;
import dev.retort.serving.OtherProcesses;
import dev.retort.serving.ServedFile;
import dev.retort.serving.ServingProcess;
import dev.retort.serving.Timing;
import dev.retort.serving.Timings;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.RunName;
import dev.retort.study.config.ServingConfiguration;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TeacherConfiguration;
import dev.retort.system.ShellWord;
import dev.retort.system.TemporaryFolder;
import dev.retort.teacher.ExternalTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherView;
import dev.retort.training.Evaluation;
import dev.retort.training.Evaluator;
import dev.retort.training.StopRequest;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Measures what the models of a study cost to serve: the teacher's, and of each student and method
 * that of the first seed, in fp32 and quantised to 8 bits after the training.
 */
public final class ServingMeasurement {
  private final StudyFolder folder;
  private final StudyConfiguration study;
  private final Splits data;
  private final ServingProcess process;
  private final @Nullable Duration patience;
  private final StudyListener listener;
  private final StopRequest stop;
  private final List<Subject> subjects = new ArrayList<>();

  /** A file to be measured, and how it sees images where it does not say that itself. */
  private record Subject(
      String name, @Nullable RunName run, String numbers, ServedFile served, TeacherView view) {}

  private ServingMeasurement(
      StudyFolder folder,
      StudyConfiguration study,
      Splits data,
      int threads,
      @Nullable Duration patience,
      StudyListener listener,
      StopRequest stop) {
    this.folder = folder;
    this.study = study;
    this.data = data;
    this.process = new ServingProcess(threads, stop);
    this.patience = patience;
    this.listener = listener;
    this.stop = stop;
  }

  /**
   * Measures the runs that are done in a study's folder, and records it there.
   *
   * @param patience how long it waits for other processes to leave the machine alone; then it
   *     measures whatever they do, which the record says. Null measures nothing where they disturb
   *     it
   * @return whether it was measured; the listener is told why not
   * @throws ConfigurationException if no run of a first seed has its student
   * @throws StudyRecordException if images or teacher are not those that the study was begun with:
   *     its students may have learnt from what are test images now
   * @throws IOException if a file cannot be written, or ONNX Runtime fails
   * @throws dev.retort.training.StoppedException on request
   */
  public static boolean measure(
      StudyFolder folder, @Nullable Duration patience, StudyListener listener, StopRequest stop)
      throws IOException {
    StudyConfiguration study = folder.configuration();
    Splits data = study.data().open(stop.during(listener::looksAtImages));
    // A study that goes on may set another number than the one that it was begun with.
    int threads = folder.serving().map(ServingRecord::threads).orElseGet(() -> threads(study));
    return new ServingMeasurement(folder, study, data, threads, patience, listener, stop).measure();
  }

  /** The same of a study whose configuration and data are at hand. */
  static boolean measure(
      StudyFolder folder,
      StudyConfiguration study,
      Splits data,
      @Nullable Duration patience,
      StudyListener listener,
      StopRequest stop)
      throws IOException {
    return new ServingMeasurement(folder, study, data, threads(study), patience, listener, stop)
        .measure();
  }

  private static int threads(StudyConfiguration study) {
    ServingConfiguration serving = study.serving();
    return (serving == null ? ServingConfiguration.DEFAULTS : serving).threads();
  }

  private static @Nullable String digest(
      @Nullable TeacherConfiguration teacher, Splits data, Precision precision) {
    if (teacher == null) {
      return null;
    }
    try (TensorScope scope = TensorScope.open();
        Teacher opened = teacher.source().teacher(teacher.view(), data, precision, Device.CPU)) {
      return opened.digest();
    }
  }

  private boolean measure() throws IOException {
    Engine.start();
    folder.inputs().requireData(data.digest());
    folder.inputs().requireTeacher(precision -> digest(study.teacher(), data, precision));
    List<RunName> runs =
        folder.plan().firstRuns().stream()
            .filter(run -> Files.exists(folder.runs().student(run)))
            .toList();
    if (runs.isEmpty()) {
      throw new ConfigurationException(
          "%s has no student.safetensors of a run of a first seed, so there is nothing to serve"
              .formatted(folder.path()));
    }
    if (patience != null) {
      listener.awaitsQuiet(patience);
    }
    if (skips(OtherProcesses.awaitQuiet(patience == null ? Duration.ZERO : patience, stop))) {
      return false;
    }
    try (TemporaryFolder temporary = new TemporaryFolder()) {
      addTeacher(temporary.path());
      for (RunName run : runs) {
        stop.throwIfRequested();
        try (TensorScope scope = TensorScope.open()) {
          LoadedModel student = ModelFile.load(folder.runs().student(run));
          addExports(run.toString(), run, student, true, temporary.path());
        }
      }
      return measureFiles();
    }
  }

  private boolean measureFiles() throws IOException {
    List<ServedFile> served = subjects.stream().map(Subject::served).toList();
    OtherProcesses others = OtherProcesses.watch();
    List<Timings> timings = process.time(served, listener::measuresServing);
    List<@Nullable Long> memory = new ArrayList<>();
    for (ServedFile file : served) {
      memory.add(process.residentBytes(file));
    }
    Double cores = others.cores();
    if (skips(cores)) {
      return false;
    }
    Dataset images = study.test() ? data.test() : data.validation();
    List<ServingRecord.Model> models = new ArrayList<>();
    Evaluation ofTeacher = null;
    int labelled = 0;
    for (int i = 0; i < timings.size(); i++) {
      stop.throwIfRequested();
      Subject subject = subjects.get(i);
      Evaluation evaluation = evaluate(subject, images);
      if (ofTeacher == null && subject.run() == null) {
        ofTeacher = evaluation; // the first, which is not quantised
      }
      labelled = evaluation.labelled();
      models.add(model(subject, timings.get(i), memory.get(i), evaluation, ofTeacher));
    }
    ServingRecord record =
        new ServingRecord(
            Processor.name(),
            Environment.operatingSystem(),
            Runtime.version().toString(),
            ServingProcess.runtime(),
            process.threads(),
            study.test() ? Summary.TEST : Summary.VALIDATION,
            labelled,
            cores,
            models);
    folder.recordServing(record);
    listener.servingMeasured(record);
    return true;
  }

  private boolean skips(@Nullable Double cores) {
    if (cores == null || cores <= OtherProcesses.MOST_CORES || patience != null) {
      return false;
    }
    listener.servingSkipped(
        String.format(
            Locale.ROOT,
            "other processes take %.2f cores: what the models cost to serve is not measured; make it up with: retort report %s --serving",
            cores,
            ShellWord.of(folder.path().toString())));
    return true;
  }

  private static ServingRecord.Model model(
      Subject subject,
      Timings timings,
      @Nullable Long memory,
      Evaluation evaluation,
      @Nullable Evaluation ofTeacher) {
    Timing single = timings.single();
    RunName run = subject.run();
    return new ServingRecord.Model(
        subject.name(),
        run == null ? null : run.student(),
        run == null ? null : run.method(),
        subject.numbers(),
        evaluation.accuracy(),
        run == null || ofTeacher == null ? null : evaluation.rightWhereWrong(ofTeacher),
        run == null || ofTeacher == null ? null : ofTeacher.rightWhereWrong(evaluation),
        OnnxModel.read(subject.served().file()).bytes(),
        single == null ? 0 : single.calls(),
        single == null ? null : single.p50Milliseconds(),
        single == null ? null : single.p99Milliseconds(),
        single == null ? List.of() : single.roundsMilliseconds(),
        timings.imagesPerSecond(),
        memory);
  }

  private Evaluation evaluate(Subject subject, Dataset images) {
    try (TensorScope scope = TensorScope.open();
        Evaluator evaluator =
            new Evaluator(images, data, Precision.FP32, Device.CPU, stop, SingleProcess.INSTANCE);
        ExternalTeacher model =
            ExternalTeacher.open(subject.served().file(), subject.view(), data)) {
      return evaluator.evaluate(model);
    }
  }

  private void addTeacher(Path files) throws IOException {
    TeacherConfiguration configured = study.teacher();
    if (configured == null) {
      return;
    }
    ServedTeacher teacher = new ServedTeacher(configured, data);
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel network = teacher.network().orElse(null);
      if (network != null) {
        // Calibration images are the study's, which are not what a teacher of another size reads.
        boolean quantized = network.network().input().equals(data.inputShape());
        addExports(network.network().name(), null, network, quantized, files);
      }
    }
    teacher
        .given()
        .ifPresent(
            served ->
                subjects.add(
                    new Subject(
                        Objects.toString(served.file().getFileName()),
                        null,
                        ServingRecord.GIVEN,
                        served,
                        configured.view())));
  }

  private void addExports(
      String name, @Nullable RunName run, LoadedModel model, boolean quantized, Path files)
      throws IOException {
    Path fp32 = files.resolve(subjects.size() + OnnxModel.ENDING);
    Files.write(fp32, new OnnxExport(false).bytes(model));
    ImageShape image = model.network().input();
    TeacherView own = TeacherView.standard(); // the file says it
    subjects.add(new Subject(name, run, ServingRecord.FP32, new ServedFile(fp32, image), own));
    if (quantized) {
      Path int8 = files.resolve(subjects.size() + OnnxModel.ENDING);
      Files.write(int8, new Int8Export(false).bytes(model, data.train()));
      subjects.add(new Subject(name, run, ServingRecord.INT8, new ServedFile(int8, image), own));
    }
  }
}
