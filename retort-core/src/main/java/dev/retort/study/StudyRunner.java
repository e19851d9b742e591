package dev.retort.study;

import dev.retort.adversary.Adversary;
import dev.retort.adversary.AdversarySettings;
import dev.retort.data.BatchPlan;
import dev.retort.data.BatchStream;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.DataInitialized;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.training.CheckpointFolder;
import dev.retort.training.Checkpoints;
import dev.retort.training.Evaluation;
import dev.retort.training.Evaluator;
import dev.retort.training.StopRequest;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Does the runs of a study, one after the other, and sums them up. */
public final class StudyRunner implements AutoCloseable {
  /** How many training images a network that is initialised from data sees. */
  private static final int INITIALIZATION_IMAGES = 5000;

  private final StudyConfiguration study;
  private final StudyFolder folder;
  private final Device device;
  private final StudyListener listener;
  private final StopRequest stop;
  private final TensorScope scope;
  private final Splits data;
  private final TrainingSettings settings;
  private final @Nullable StudyTeacher teacher;
  private final Set<String> teacherTaps;

  /**
   * Opens the data and the teacher, and records both in the folder. The calling thread, which the
   * study's number of threads is set for, does the runs.
   *
   * @param folder where the results go
   * @param device where networks compute
   * @param stop asks the study to save where it stands and leave
   * @throws ConfigurationException if a method cannot be had with these networks
   */
  public StudyRunner(
      StudyConfiguration study,
      StudyFolder folder,
      Device device,
      StudyListener listener,
      StopRequest stop) {
    this(
        study,
        DatasetSource.parse(study.data(), Path.of("")).open(),
        folder,
        device,
        listener,
        stop);
  }

  /**
   * The same with data of the caller's own.
   *
   * @param data in place of those that the configuration names
   * @param folder where the results go
   * @param device where networks compute
   * @param stop asks the study to save where it stands and leave
   * @throws ConfigurationException if a method cannot be had with these networks
   */
  public StudyRunner(
      StudyConfiguration study,
      Splits data,
      StudyFolder folder,
      Device device,
      StudyListener listener,
      StopRequest stop) {
    this.stop = stop;
    this.study = study;
    this.folder = folder;
    this.device = device;
    this.listener = listener;
    this.settings = study.training().settings();
    Integer threads = study.training().threads();
    if (threads != null) {
      Engine.threads(threads);
    }
    folder.recordEnvironment(Environment.read());
    this.data = data;
    stop.throwIfRequested();
    this.scope = TensorScope.open();
    TeacherConfiguration configured = study.teacher();
    this.teacher =
        configured == null
            ? null
            : new StudyTeacher(configured, data, settings.precision(), device, stop);
    this.teacherTaps = teacherTaps();
    recordInputs();
  }

  private void recordInputs() {
    Summary.DatasetSizes sizes =
        new Summary.DatasetSizes(
            data.name(), data.train().size(), data.validation().size(), data.test().size());
    folder.recordInputs(
        sizes,
        data.digest(),
        teacher == null ? null : teacher.teacher().digest(),
        settings.precision());
    if (teacher != null) {
      folder.recordTeacher(teacher.record());
      listener.teacherLoaded(teacher.record());
    }
  }

  /**
   * Does the selected runs that are not done yet, and sums up all that are.
   *
   * @throws dev.retort.training.StoppedException on request, when all is saved
   * @throws dev.retort.training.DivergedException if a run's loss is no longer finite
   */
  public Summary run(RunSelection selection) {
    List<RunName> runs = selection.of(study);
    for (int i = 0; i < runs.size(); i++) {
      RunResult done = folder.result(runs.get(i), study.test()).orElse(null);
      if (done == null) {
        run(runs.get(i), i + 1, runs.size());
      } else {
        listener.runWasDone(done);
      }
    }
    if (teacher != null && study.test()) {
      teacher.onTest();
      folder.recordTeacher(teacher.record());
    }
    return folder.summarize(study);
  }

  private void run(RunName run, int number, int runs) {
    try (RunFolder runFolder = folder.openRun(run)) {
      // Another process may have done it before this one had the folder to itself.
      RunResult done = folder.result(run, study.test()).orElse(null);
      if (done == null) {
        listener.runEnds(train(run, number, runs, runFolder));
      } else {
        listener.runWasDone(done);
      }
    }
  }

  private RunResult train(RunName run, int number, int runs, RunFolder runFolder) {
    try (TensorScope ofRun = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(runFolder.checkpoints());
      checkpoints.removeUnfinished();
      try (MetricsLog metrics = runFolder.metrics(checkpoints.latestEpochs())) {
        TrainingTask task = task(run, student(run), method(run));
        RunRecorder recorder = new RunRecorder(metrics, folder.metrics(run), task);
        TrainingListener shown = listener.runBegins(run, number, runs, settings.epochs());
        new Trainer(task, List.of(recorder, shown))
            .train(Checkpoints.in(checkpoints, study.checkpoints().interval(), stop));
        stop.throwIfRequested();
        RunResult result = finish(run, task, recorder, runFolder);
        checkpoints.clear();
        return result;
      }
    }
  }

  private RunResult finish(
      RunName run, TrainingTask task, RunRecorder recorder, RunFolder runFolder) {
    save(task.student(), run, runFolder);
    RunResult result = recorder.result(run, NetworkSummary.of(task.student()), test(task));
    runFolder.finish(result);
    return result;
  }

  /**
   * The decisions of student and teacher on the test images; null where the study leaves them
   * unread.
   */
  private RunRecorder.@Nullable TestDecisions test(TrainingTask task) {
    if (!study.test()) {
      return null;
    }
    try (Evaluator evaluator =
        new Evaluator(data.test(), data, settings.precision(), device, stop)) {
      Evaluation ofStudent = evaluator.evaluate(task.student());
      return new RunRecorder.TestDecisions(ofStudent, teacher == null ? null : teacher.onTest());
    }
  }

  private void save(Network student, RunName run, RunFolder runFolder) {
    Map<String, String> provenance = new TreeMap<>();
    provenance.put("data", data.name());
    provenance.put("method", run.method());
    provenance.put("seed", Long.toString(run.seed()));
    provenance.put("epochs", Integer.toString(settings.epochs()));
    if (teacher != null) {
      provenance.put("teacher", teacher.teacher().name() + " " + teacher.teacher().digest());
    }
    ModelInfo info = new ModelInfo(data.classes(), data.statistics(), provenance);
    ModelFile.save(student, info, runFolder.student(), TensorType.F32);
  }

  private StudentConfiguration student(RunName run) {
    return study.students().stream()
        .filter(student -> run.student().equals(student.name()))
        .findFirst()
        .orElseThrow();
  }

  private MethodConfiguration method(RunName run) {
    return study.methods().stream()
        .filter(method -> method.name().equals(run.method()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Student, objectives and plan of a run: initialisation, order and augmentation derive from its
   * seed by purpose.
   */
  private TrainingTask task(
      RunName run, StudentConfiguration configured, MethodConfiguration method) {
    Network student = newStudent(configured, run.seed());
    long dataSeed = study.dataSeed() == null ? run.seed() : study.dataSeed();
    int views = study.views() == null ? 0 : study.views();
    BatchPlan plan =
        new BatchPlan(
            settings.batchSize(),
            study.training().augmentation(),
            views,
            run.seed(),
            dataSeed,
            0,
            1);
    List<Objective> objectives = objectives(method, pairing(student, run.seed()), run);
    return new TrainingTask(
        student,
        teacher == null ? null : teacher.remembering(dataSeed, teacherTaps),
        objectives,
        data,
        plan,
        settings,
        device);
  }

  private Network newStudent(StudentConfiguration configured, long seed) {
    Precision precision = settings.precision();
    Network student =
        Networks.create(
            configured.network(),
            data.inputShape(),
            data.classes().size(),
            precision.parameterType(),
            RandomSource.of(seed, "initialisation"));
    if (student instanceof DataInitialized unfinished) {
      int images = Math.min(INITIALIZATION_IMAGES, data.train().size());
      try (BatchStream stream =
          BatchStream.evaluation(
              data.train(), data.inputShape(), data.statistics(), images, precision)) {
        unfinished.initialize(stream.all().iterator().next().images());
      }
    }
    return student;
  }

  private Pairing pairing(Network student, long seed) {
    return new Pairing(
        teacher == null ? Map.of() : teacher.teacher().shapes(),
        NetworkSummary.of(student).shapes(),
        data.classes().size(),
        data.train().size(),
        settings.precision().parameterType(),
        RandomSource.of(seed, "objectives"),
        teacher == null ? null : teacher.teacher().state(),
        student.state());
  }

  private List<Objective> objectives(MethodConfiguration method, Pairing pairing, RunName run) {
    List<Objective> objectives = new ArrayList<>();
    try {
      for (ObjectiveSettings objective : method.objectives()) {
        objectives.addAll(objective.build(pairing));
      }
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "method '"
              + run.method()
              + "' cannot distil into "
              + run.student()
              + ": "
              + e.getMessage(),
          e);
    }
    if (teacher != null && needsObserver(objectives)) {
      objectives.add(AdversarySettings.observer(pairing));
    }
    return objectives;
  }

  /** The logits need an observer unless a discriminator of them learns a probability. */
  private boolean needsObserver(List<Objective> objectives) {
    return study.observer()
        && objectives.stream()
            .noneMatch(
                objective ->
                    objective instanceof Adversary adversary
                        && adversary.label().equals("logits")
                        && adversary.learnsProbability());
  }

  /**
   * What the methods of the study read of the teacher, all together. Every method is built for
   * every student once, so that what cannot work is said before the first step.
   */
  private Set<String> teacherTaps() {
    Set<String> taps = new TreeSet<>();
    try (TensorScope trial = TensorScope.open()) {
      for (StudentConfiguration student : study.students()) {
        Pairing pairing = pairing(newStudent(student, 0), 0);
        for (MethodConfiguration method : study.methods()) {
          RunName run = new RunName(student.name(), method.name(), 0);
          objectives(method, pairing, run)
              .forEach(objective -> taps.addAll(objective.teacherTaps()));
        }
      }
    }
    return taps;
  }

  @Override
  public void close() {
    if (teacher != null) {
      teacher.close();
    }
    scope.close();
  }
}
