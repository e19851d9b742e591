package dev.retort.study;

import dev.retort.adversary.AdversarySettings;
import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchPlan;
import dev.retort.data.batch.BatchStream;
import dev.retort.distill.Objective;
import dev.retort.distill.Pairing;
import dev.retort.engine.Collective;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.study.StudentInitialization.Beginning;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudentConfiguration;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TeacherConfiguration;
import dev.retort.study.config.TrainingConfiguration.PrecisionChoice;
import dev.retort.teacher.CachedTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.training.Checkpoints;
import dev.retort.training.DivergedException;
import dev.retort.training.Evaluation;
import dev.retort.training.Evaluator;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every rank of a study has: data, teacher, and the trainings of its runs as the configuration
 * describes them. Nothing here touches the study's folder.
 */
final class StudyTraining implements AutoCloseable {
  /** What the first rank sends in the place of a run's number. */
  static final long NO_MORE_RUNS = -1;

  private static final Logger LOG = LoggerFactory.getLogger(StudyTraining.class);
  private final StudyConfiguration study;
  private final Splits data;
  private final Execution execution;
  private final TrainingSettings settings;
  private final TensorScope scope;
  private final @Nullable StudyTeacher teacher;
  private final Map<String, Beginning> beginnings = new LinkedHashMap<>();
  private boolean readsSecondView;

  /** The runs of seed 0 that read something of the teacher. */
  private final Set<RunName> readers = new HashSet<>();

  /**
   * Looks whether the data fit the study, loads the teacher, and builds every method once. The
   * calling thread, which the study's number of threads is set for, does the runs.
   *
   * @param precision in which networks compute
   * @param execution whose listener hears what the teacher's cache will take, before anything is
   *     written
   * @throws ConfigurationException if a method cannot be had with these networks, or the data are
   *     too few, too small or without the labels that the study measures by
   * @throws StudyRecordException on every rank, if they differ in data, teacher or configuration
   */
  StudyTraining(StudyConfiguration study, Precision precision, Splits data, Execution execution) {
    this.study = study;
    this.data = data;
    this.execution = execution;
    this.settings = study.training().settings(precision);
    Integer threads = study.training().threads();
    if (threads != null) {
      Engine.threads(threads);
    }
    FittingData.require(study, data, execution.ranks());
    if (study.training().precision() != PrecisionChoice.AUTO) {
      warnOfSlowPrecision(precision, Precision.automatic(execution.device()));
    }
    FittingData.warnOfTwoClasses(study, data);
    execution.stop().throwIfRequested();
    this.scope = TensorScope.open();
    try {
      this.teacher = openTeacher();
      if (teacher != null) {
        teacher.requireViews(study);
      }
      Reads reads = reads();
      readsSecondView = reads.secondView();
      if (execution.ranks().ranks() > 1) {
        RankComparison.requireTheSame(fingerprint(), execution.ranks());
      }
      if (teacher != null) {
        prepare(teacher, reads);
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private @Nullable StudyTeacher openTeacher() {
    TeacherConfiguration configured = study.teacher();
    return configured == null
        ? null
        : new StudyTeacher(configured, data, settings.precision(), study.cache().open(), execution);
  }

  /**
   * Warns where fp32 is quicker.
   *
   * @param automatic what the device would get by itself
   */
  static void warnOfSlowPrecision(Precision chosen, Precision automatic) {
    if (chosen == Precision.BF16 && automatic != Precision.BF16) {
      LOG.warn(
          "training.precision: this processor does not multiply bf16 in hardware; fp32 is quicker");
    }
  }

  private void prepare(StudyTeacher opened, Reads reads) {
    StudyListener listener = execution.listener();
    CachedTeacher cached = opened.prepare(reads.taps());
    long seeds = readers(study.runs()).map(this::dataSeed).distinct().count();
    listener.teacherCache(
        CachePlan.of(
            study, data, opened.cache(), seeds, cached.bytesAnImage(), reads.secondView()));
    listener.teacherClassifies(opened.teacher().name(), data.validation().size());
    opened.classifyValidation();
  }

  /** Those of the runs that read something of the teacher. */
  private Stream<RunName> readers(List<RunName> runs) {
    return runs.stream()
        .filter(run -> readers.contains(new RunName(run.student(), run.method(), 0)));
  }

  /** What decides how a run's images are varied; if they are not, all runs read the same ones. */
  private long dataSeed(RunName run) {
    if (!study.training().augmentation().varies()) {
      return 0;
    }
    return study.dataSeed() == null ? run.seed() : study.dataSeed();
  }

  /**
   * The views that two or more of these runs have yet to read of the teacher, as many as its cache
   * can hold, in the order of the runs.
   *
   * @param epochsDone how many epochs a run has behind it
   */
  List<SharedView> sharedViews(List<RunName> runs, ToIntFunction<RunName> epochsDone) {
    if (teacher == null) {
      return List.of();
    }
    boolean newEachEpoch = study.views() == null && study.training().augmentation().varies();
    Map<Long, List<RunName>> readings =
        readers(runs)
            .collect(
                Collectors.groupingBy(this::dataSeed, LinkedHashMap::new, Collectors.toList()));
    return readings.entrySet().stream()
        .filter(seed -> seed.getValue().size() > 1)
        .flatMap(
            seed ->
                IntStream.range(
                        newEachEpoch
                            ? seed.getValue().stream().mapToInt(epochsDone).min().orElse(0)
                            : 0,
                        study.viewsShown(readsSecondView))
                    .mapToObj(v -> new SharedView(seed.getKey(), v)))
        .limit(teacher.viewsThatFit())
        .toList();
  }

  /**
   * Lets the teacher see a part of a view, for all runs that will ask for it.
   *
   * @param part of that many equal parts of the images, from 0
   * @throws dev.retort.training.StoppedException on request
   */
  void remember(SharedView shared, int part, int parts) {
    StudyTeacher opened = Objects.requireNonNull(teacher);
    BatchPlan plan =
        new BatchPlan(
            study.training().batchSize() * parts,
            study.training().augmentation(),
            0,
            0,
            shared.dataSeed(),
            part,
            parts);
    try (BatchStream stream =
        BatchStream.views(
            data.train(), data.inputShape(), data.statistics(), plan, settings.precision())) {
      for (Batch batch : stream.epoch(shared.view(), 0)) {
        execution.stop().throwIfRequested();
        if (batch.size() == 0) {
          continue; // of the last one, a part may have none
        }
        try (TensorScope ofBatch = TensorScope.open()) {
          opened.remember(batch.on(execution.device()));
        }
      }
    }
  }

  Splits data() {
    return data;
  }

  TrainingSettings settings() {
    return settings;
  }

  @Nullable StudyTeacher teacher() {
    return teacher;
  }

  /** See {@link RankComparison#fingerprint}. */
  long fingerprint() {
    String digest = teacher == null ? null : teacher.teacher().digest();
    return RankComparison.fingerprint(study, settings, data, initialWeights(), digest);
  }

  /**
   * The decisions of student and teacher on the test images; null where the study leaves them
   * unread.
   */
  RunRecorder.@Nullable TestDecisions test(TrainingTask task) {
    if (!study.test()) {
      return null;
    }
    try (Evaluator evaluator =
        new Evaluator(
            data.test(),
            data,
            settings.precision(),
            execution.device(),
            execution.stop(),
            execution.ranks())) {
      Evaluation ofStudent = evaluator.evaluate(task.student());
      return new RunRecorder.TestDecisions(ofStudent, teacher == null ? null : teacher.onTest());
    }
  }

  /**
   * Takes part, as a rank other than the first, in every run that the first one's {@link
   * StudyRunner} says, until there are no more. All ranks leave a run that diverges at the same
   * step; the first one records it.
   *
   * @throws dev.retort.training.StoppedException on request, when the first rank has saved
   */
  void follow() {
    for (long run = next(); run != NO_MORE_RUNS; run = next()) {
      try (TensorScope ofRun = TensorScope.open()) {
        TrainingTask task = task(study.runs().get(Math.toIntExact(run)));
        new Trainer(task, List.of()).train(Checkpoints.none(execution.stop()));
        execution.stop().throwIfRequested();
        test(task);
      } catch (DivergedException e) {
        LOG.debug("run {} diverged", run, e);
        execution.stop().throwIfRequested();
      }
    }
    if (teacher != null && study.test()) {
      teacher.onTest();
    }
  }

  private long next() {
    return execution.ranks().broadcast(NO_MORE_RUNS);
  }

  private StudentConfiguration student(RunName run) {
    return study.students().stream()
        .filter(student -> run.student().equals(student.name()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Student, objectives and plan of a run: initialisation, order and augmentation derive from its
   * seed by purpose.
   */
  TrainingTask task(RunName run) {
    Network student = newStudent(student(run), run.seed());
    List<Objective> objectives =
        objectives(study.method(run.method()), pairing(student, run.seed()), run);
    return new TrainingTask(
        student,
        teacher == null ? null : teacher.cached(),
        objectives,
        data,
        plan(run),
        settings,
        execution.device(),
        execution.ranks());
  }

  private BatchPlan plan(RunName run) {
    Collective ranks = execution.ranks();
    return study.batches(run.seed(), dataSeed(run), ranks.rank(), ranks.ranks());
  }

  /** What each student's weights are before the first step, by the students' names. */
  Map<String, Beginning> beginnings() {
    return Collections.unmodifiableMap(beginnings);
  }

  /** The digests of the models that students start from, by the students' names. */
  Map<String, String> initialWeights() {
    Map<String, String> digests = new LinkedHashMap<>();
    beginnings.forEach(
        (student, beginning) -> {
          if (beginning.model() != null) {
            digests.put(student, beginning.model());
          }
        });
    return digests;
  }

  private Network newStudent(StudentConfiguration configured, long seed) {
    Network student =
        StudentInitialization.random(configured.network(), data, settings.precision(), seed);
    Teacher known = teacher == null ? null : teacher.teacher();
    Beginning beginning = StudentInitialization.start(student, configured, known, data);
    Beginning before = beginnings.putIfAbsent(configured.name(), beginning);
    if (before != null && !Objects.equals(before.model(), beginning.model())) {
      throw new StudyRecordException(
          """
          %s has other weights than when the study was opened: bring the former ones back, and go on \
          with --resume"""
              .formatted(configured.init()));
    }
    student.state().moveTo(execution.device());
    return student;
  }

  private Pairing pairing(Network student, long seed) {
    return new Pairing(
        teacher == null ? Map.of() : teacher.teacher().shapes(),
        NetworkSummary.of(student).shapes(),
        data.classes().size(),
        data.train().size(),
        settings.precision().parameterType(),
        execution.device(),
        RandomSource.of(seed, "objectives"),
        teacher == null ? null : teacher.teacher().state(),
        student.state(),
        teacher == null ? null : teacher.teacher().classifier());
  }

  private List<Objective> objectives(MethodConfiguration method, Pairing pairing, RunName run) {
    List<Objective> objectives =
        new ArrayList<>(
            MethodObjectives.of(
                method, run.student(), pairing, study.training().augmentation(), study.views()));
    if (teacher != null && study.observer()) {
      objectives.addAll(AdversarySettings.observer(objectives, pairing));
    }
    return objectives;
  }

  /** What the methods read of the teacher, all together. */
  private record Reads(Set<String> taps, boolean secondView) {}

  /**
   * Builds every method for every student once, so that what cannot work is said before the first
   * step.
   */
  private Reads reads() {
    Set<String> taps = new TreeSet<>();
    boolean secondView = false;
    try (TensorScope trial = TensorScope.open()) {
      for (StudentConfiguration student : study.students()) {
        Pairing pairing = pairing(newStudent(student, 0), 0);
        Beginning beginning = beginnings.get(student.name());
        if (beginning != null && !student.init().equals(StudentConfiguration.RANDOM)) {
          execution.listener().studentStarts(student.name(), beginning.description());
        }
        for (MethodConfiguration method : study.methods()) {
          RunName run = new RunName(student.name(), method.name(), 0);
          // Its own scope: what a method remembers of every image is not held for all methods.
          try (TensorScope ofMethod = TensorScope.open()) {
            for (Objective objective : objectives(method, pairing, run)) {
              Set<String> read = objective.teacherTaps();
              taps.addAll(read);
              if (!read.isEmpty()) {
                readers.add(run);
              }
              secondView |= objective.readsSecondView();
            }
          }
        }
      }
    }
    return new Reads(taps, secondView);
  }

  @Override
  public void close() {
    try (scope) {
      if (teacher != null) {
        teacher.close();
      }
    }
  }
}
