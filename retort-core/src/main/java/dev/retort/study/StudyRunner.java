package dev.retort.study;

import dev.retort.data.Splits;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.study.config.Comparison;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudentConfiguration;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TrainingConfiguration.PrecisionChoice;
import dev.retort.training.CheckpointFolder;
import dev.retort.training.Checkpoints;
import dev.retort.training.DivergedException;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingTask;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A study whose data and teacher are open: does its runs, one after the other, and sums them up.
 * {@link Study#open} makes one for who shares the runs out among processes.
 */
public final class StudyRunner implements AutoCloseable {
  private final StudyConfiguration study;
  private final StudyFolder folder;
  private final Execution execution;
  private final StudyTraining training;
  private final @Nullable StudyTeacher teacher;
  private final Environment here;
  private final String environment;
  private final boolean anyProcessor;
  private final int threadsBefore;

  /**
   * Opens the teacher, and records it and the data in the folder. The calling thread, which the
   * study's number of threads is set for, does the runs.
   *
   * @param folder where the results go
   * @param execution whose ranks have this one first; each other {@link StudyTraining#follow
   *     follows}
   * @param anyProcessor whether a run may be compared with one of another kind of processor
   * @param threadsBefore the number of threads that the calling thread gets back in the end
   * @throws ConfigurationException if a method cannot be had with these networks
   */
  StudyRunner(
      StudyConfiguration study,
      Splits data,
      StudyFolder folder,
      Execution execution,
      boolean anyProcessor,
      int threadsBefore) {
    this.study = study;
    this.folder = folder;
    this.execution = execution;
    this.anyProcessor = anyProcessor;
    this.threadsBefore = threadsBefore;
    this.training = new StudyTraining(study, precision(), data, execution);
    this.here = Environment.read(execution); // with the number of threads that the study sets
    this.teacher = training.teacher();
    try {
      recordInputs();
      this.environment = folder.environmentFiles().record(here);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Where the configuration leaves it to the machine, the one that the study was begun in. Several
   * ranks do not know of that; of them the first refuses another one.
   */
  private Precision precision() {
    PrecisionChoice configured = study.training().precision();
    Precision own = configured.resolve(execution.device());
    if (configured != PrecisionChoice.AUTO || execution.ranks().ranks() > 1) {
      return own;
    }
    Precision begun = folder.inputs().read().map(StudyInputs::networksPrecision).orElse(own);
    if (begun != own) {
      execution.listener().precisionAsBegun(begun);
    }
    return begun;
  }

  private void recordInputs() {
    Splits data = training.data();
    Summary.DatasetSizes sizes =
        new Summary.DatasetSizes(
            data.name(), data.train().size(), data.validation().size(), data.test().size());
    folder
        .inputs()
        .record(
            sizes,
            data.digest(),
            teacher == null ? null : teacher.teacher().digest(),
            training.initialWeights(),
            training.settings().precision());
    if (teacher != null) {
      teacher.compareViews(folder.recorded(teacher.teacher().digest()));
      folder.recordTeacher(teacher.record());
      execution.listener().teacherLoaded(teacher.record());
    }
  }

  /**
   * Does the selected runs that are not done yet, and sums up all that are. A run that diverges is
   * named in {@link Summary#diverged}, and the others are done. One that has diverged before comes
   * last: from its checkpoint it most likely diverges again. So does one that another process works
   * on, which is to have ended by then.
   *
   * @throws ConfigurationException if other processes still work on some of them, when all other
   *     runs are done
   * @throws dev.retort.training.StoppedException on request, when all is saved
   */
  Summary run(RunSelection selection) {
    List<RunName> selected = selection.of(study);
    selected.forEach(
        run -> folder.runs().result(run, study.test()).ifPresent(execution.listener()::runWasDone));
    List<RunName> left = folder.runs().left(selected, study.test());
    List<RunName> taken = doRuns(left, left);
    taken = doRuns(taken, left); // who had a run may have ended since
    Summary summary = finish();
    if (!taken.isEmpty()) {
      throw new ConfigurationException(
          "another process works on %s: wait until it ends, or stop it; all other runs are done"
              .formatted(taken.stream().map(RunName::toString).collect(Collectors.joining(", "))));
    }
    return summary;
  }

  /** Does some of the runs that are left, and gives those that another process works on. */
  private List<RunName> doRuns(List<RunName> runs, List<RunName> left) {
    return runs.stream()
        .filter(run -> doRun(run, left.indexOf(run) + 1, left.size()) == Outcome.TAKEN)
        .toList();
  }

  /** Tests the teacher, and sums up the runs that are done. */
  public Summary finish() {
    execution.ranks().broadcast(StudyTraining.NO_MORE_RUNS);
    if (teacher != null && study.test()) {
      teacher.onTest();
      folder.recordTeacher(teacher.record());
    }
    return folder.summarize();
  }

  /** What has become of a run that several processes may do. */
  public enum Outcome {
    DONE,
    DIVERGED,
    /** Another process works on it. */
    TAKEN
  }

  /**
   * Does one run, unless it is done or another process works on it; for who shares out the runs
   * among processes.
   *
   * @param number of the run among those of this study, from 1
   * @param runs how many there are
   * @throws dev.retort.training.StoppedException on request, when all is saved
   */
  public Outcome doRun(RunName run, int number, int runs) {
    try (RunFolder runFolder = folder.runs().openUnlessTaken(run)) {
      if (runFolder == null) {
        return Outcome.TAKEN;
      }
      run(run, number, runs, runFolder);
      return folder.runs().result(run, study.test()).isPresent() ? Outcome.DONE : Outcome.DIVERGED;
    }
  }

  /**
   * The views that two or more of these runs will read of the teacher, and that its cache can hold.
   * Several processes may compute them together before the first run, by {@link #remember}; a run
   * computes what it does not find.
   */
  public List<SharedView> sharedViews(List<RunName> runs) {
    return training.sharedViews(runs, folder.runs()::epochsDone);
  }

  /**
   * Computes the teacher's outputs for a part of a view, and keeps them.
   *
   * @param part of that many equal parts of the images, from 0
   * @throws dev.retort.training.StoppedException on request
   */
  public void remember(SharedView view, int part, int parts) {
    training.remember(view, part, parts);
  }

  private void run(RunName run, int number, int runs, RunFolder runFolder) {
    // Another process may have done it before this one had the folder to itself.
    RunResult done = folder.runs().result(run, study.test()).orElse(null);
    if (done == null) {
      requireProcessorOfItsPairs(run);
      execution.ranks().broadcast(study.runs().indexOf(run));
      trainUnlessItDiverges(run, number, runs, runFolder);
    } else {
      execution.listener().runWasDone(done);
    }
  }

  private void requireProcessorOfItsPairs(RunName run) {
    for (Comparison pair : study.comparisons()) {
      pair.other(run.method())
          .map(method -> new RunName(run.student(), method, run.seed()))
          .flatMap(other -> folder.runs().result(other, false))
          .ifPresent(other -> requireProcessorOf(run, other));
    }
  }

  private void requireProcessorOf(RunName run, RunResult other) {
    Environment there = folder.environmentFiles().of(other);
    if (there != null && !here.computesLike(there) && !anyProcessor) {
      throw new ConfigurationException(
          "%s is compared with %s, which ran on %s, and this is %s: do both runs on one kind of processor or GPU and by as many ranks, or go on with compare --any-processor"
              .formatted(run, other.run(), there.computer(), here.computer()));
    }
  }

  private void trainUnlessItDiverges(RunName run, int number, int runs, RunFolder runFolder) {
    try {
      execution.listener().runEnds(train(run, number, runs, runFolder));
    } catch (DivergedException e) {
      Divergence divergence =
          new Divergence(
              run.student(),
              run.method(),
              run.seed(),
              Objects.requireNonNull(e.getMessage()),
              folder.runs().metrics(run).stream()
                  .flatMap(epoch -> epoch.alarms().stream())
                  .distinct()
                  .toList());
      runFolder.diverge(divergence);
      execution.listener().runDiverged(divergence);
      execution.stop().throwIfRequested();
    }
  }

  private RunResult train(RunName run, int number, int runs, RunFolder runFolder) {
    try (TensorScope ofRun = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(runFolder.checkpoints());
      checkpoints.removeUnfinished();
      MetricsLog metrics = runFolder.metrics(checkpoints.latestEpochs());
      TensorBoardEvents events = events(run, runFolder);
      TrainingTask task = training.task(run);
      RunRecorder recorder = new RunRecorder(metrics, events, folder.runs().metrics(run), task);
      TrainingListener shown =
          Objects.requireNonNull(
              execution.listener().runBegins(run, number, runs, training.settings().epochs()),
              "StudyListener.runBegins gives no listener");
      new Trainer(task, List.of(recorder, shown))
          .train(Checkpoints.in(checkpoints, study.checkpoints(), execution.stop()));
      execution.stop().throwIfRequested();
      RunResult result = finish(run, task, recorder, runFolder);
      checkpoints.clear();
      return result;
    }
  }

  private @Nullable TensorBoardEvents events(RunName run, RunFolder runFolder) {
    return study.tensorBoard()
        ? TensorBoardEvents.open(runFolder.path(), folder.runs().metrics(run))
        : null;
  }

  private RunResult finish(
      RunName run, TrainingTask task, RunRecorder recorder, RunFolder runFolder) {
    save(task.student(), run, runFolder);
    RunResult result =
        recorder.result(run, NetworkSummary.of(task.student()), training.test(task), environment);
    folder.forgetServing(run);
    runFolder.finish(result);
    return result;
  }

  private void save(Network student, RunName run, RunFolder runFolder) {
    Map<String, String> provenance = new TreeMap<>();
    provenance.put("data", training.data().name());
    provenance.put(ModelInfo.HELD_OUT, training.data().heldOutDigest());
    if (study.data().resize() != null) {
      provenance.put(ModelInfo.RESIZE, study.data().resize().toString());
    }
    provenance.put("method", run.method());
    provenance.put("seed", Long.toString(run.seed()));
    StudentInitialization.Beginning beginning = training.beginnings().get(run.student());
    provenance.put(
        "initialisation",
        beginning == null ? StudentConfiguration.RANDOM : beginning.description());
    provenance.put("epochs", Integer.toString(training.settings().epochs()));
    if (here.device() != null) {
      provenance.put("device", here.device());
    }
    if (teacher != null) {
      provenance.put("teacher", teacher.teacher().name() + " " + teacher.teacher().digest());
    }
    Splits data = training.data();
    ModelInfo info = new ModelInfo(data.classes(), data.statistics(), provenance);
    ModelFile.save(student, info, runFolder.student(), TensorType.F32);
  }

  @Override
  public void close() {
    try {
      training.close();
    } finally {
      Engine.threads(threadsBefore);
    }
  }
}
