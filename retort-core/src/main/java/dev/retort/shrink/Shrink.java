package dev.retort.shrink;

import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.network.Networks;
import dev.retort.serving.OtherProcesses;
import dev.retort.study.ServedTeacher;
import dev.retort.study.ServingMeasurement;
import dev.retort.study.Study;
import dev.retort.study.StudyFolder;
import dev.retort.study.StudyListener;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TeacherConfiguration;
import dev.retort.system.AtomicFile;
import dev.retort.system.FolderLock;
import dev.retort.system.TemporaryFolder;
import dev.retort.teacher.Teacher;
import dev.retort.training.DivergedException;
import dev.retort.training.StopRequest;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From a model that is too slow to the file of a student within a budget: the networks of the zoo
 * are timed, untrained, in ONNX Runtime beside the teacher; the largest within the budget are
 * trained as one study; and the best of them is written with its preprocessing and its model card.
 *
 * @param teacher the model, as in a configuration's {@code teacher}
 * @param data the images that it is for, as in a configuration's {@code data}
 * @param size the height and width of the student's images; null for the data's own
 * @param budget what the student may cost
 * @param maxLoss how many points of accuracy it may lose against the teacher; null for any number
 * @param most how many networks are trained at most, at least 1
 * @param students networks beside those of the zoo that are candidates, too
 * @param overrides of the study's other keys, each {@code KEY=VALUE}
 */
public record Shrink(
    String teacher,
    String data,
    @Nullable Integer size,
    Budget budget,
    @Nullable Double maxLoss,
    int most,
    Set<String> students,
    List<String> overrides) {
  private static final String STUDY_FILE = "study.yaml";

  /** Stands for the students before they are known. */
  private static final String ANY = "resnet8";

  /** Keys of a study that are not the user's: results are looked up by their student's name. */
  private static final Set<String> DECIDED =
      Set.of("student", "students", "methods", "seeds", "serving");

  /** Keys of a study that are given otherwise. */
  private static final Set<String> GIVEN =
      Set.of("data", "data.source", "teacher", "teacher.model");

  /**
   * What the candidates cost, and those that are worth a training.
   *
   * @param chosen largest first; none where no network is within the budget
   */
  public record Choice(CandidateCosts costs, List<Candidate> chosen) {
    /** The names of the chosen. */
    public List<String> networks() {
      return chosen.stream().map(Candidate::network).toList();
    }
  }

  /**
   * @throws IllegalArgumentException if a number is out of its range, a network is not known, or a
   *     override is of what is decided here
   */
  public Shrink {
    if (most < 1) {
      throw new IllegalArgumentException(
          "the number of networks to try must be at least 1, not " + most);
    }
    if (maxLoss != null && !(maxLoss >= 0 && maxLoss <= 100)) {
      throw new IllegalArgumentException(
          "the loss of accuracy must be from 0 to 100 points, but is " + maxLoss);
    }
    for (String override : overrides) {
      if (GIVEN.stream().anyMatch(key -> override.strip().startsWith(key + "="))) {
        throw new IllegalArgumentException(
            override + ": shrink is given its teacher and its data by themselves");
      }
      if (DECIDED.contains(override.split("[.\\[=]", 2)[0].strip())) {
        throw new IllegalArgumentException(
            "%s: shrink itself decides students, methods, seeds and serving; change them in the %s that it writes, for retort compare"
                .formatted(override, STUDY_FILE));
      }
    }
    for (String student : students) {
      Networks.require(student);
      if (Networks.zoo().contains(student)) {
        throw new IllegalArgumentException(
            student + " is a candidate in any case: these students are networks of your own");
      }
    }
    students = Collections.unmodifiableSet(new TreeSet<>(students));
    overrides = List.copyOf(overrides);
  }

  /** With the data's own size, any loss of accuracy, two networks of the zoo, and no overrides. */
  public Shrink(String teacher, String data, Budget budget) {
    this(teacher, data, null, budget, null, 2, Set.of(), List.of());
  }

  /** The study's configuration, once networks were chosen. */
  public static Path studyFile(Path folder) {
    return folder.resolve(STUDY_FILE);
  }

  /** The folder of the study. */
  public static Path studyFolder(Path folder) {
    return folder.resolve("study");
  }

  /**
   * Does all of it: chooses, trains and writes. A network whose training diverges is left out.
   *
   * @param folder for the results; missing or empty, or one that was begun with the same request
   * @return nothing where no network is within the budget
   * @throws IllegalArgumentException if there is something else in the folder, or it was begun with
   *     another request
   * @throws dev.retort.study.config.ConfigurationException if an override makes no sense
   * @throws dev.retort.data.DataException if the images cannot be read, or are too few
   * @throws dev.retort.weights.WeightsException if the teacher cannot be read, or is none of such
   *     images
   * @throws dev.retort.study.StudyRecordException if a folder that it goes on in is damaged
   * @throws DivergedException if every training diverges
   * @throws IOException if a file cannot be read or written, or ONNX Runtime fails
   */
  public Optional<ShrunkStudent> run(Path folder) throws IOException {
    return run(folder, new StudyListener() {}, new StopRequest());
  }

  /**
   * The same, with someone who hears how far it is, and who may ask it to stop.
   *
   * @throws dev.retort.training.StoppedException on request; the next call goes on
   */
  public Optional<ShrunkStudent> run(Path folder, StudyListener listener, StopRequest stop)
      throws IOException {
    Choice choice = begin(folder, true, listener, stop).orElse(null);
    if (choice != null && choice.chosen().isEmpty()) {
      return Optional.empty();
    }
    study(studyFile(folder), List.of())
        .listener(listener)
        .stop(stop)
        .resume(true)
        .run(studyFolder(folder));
    return Optional.of(write(folder, listener, stop));
  }

  /**
   * The study of the chosen networks. It waits a while for other programs to leave the machine
   * alone, and then measures all the same, since nothing can be chosen without; the tables and the
   * card say what disturbed it.
   */
  public static Study study(Path file, List<String> overrides) {
    return Study.read(file, overrides).patience(OtherProcesses.PATIENCE);
  }

  /** Whether a folder was begun: nothing else of it stands before its record. */
  private static boolean isBegun(Path folder) {
    return Files.exists(folder.resolve(CostsRecord.FILE));
  }

  /** Refuses a folder that was begun with another request. */
  private void requireSame(Path folder) throws IOException {
    StudyConfiguration asked = StudyFile.asked(keys());
    List<String> differences =
        CostsRecord.read(folder)
            .map(before -> before.differences(request(asked)))
            .orElse(List.of());
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "%s was begun with %s: go on in it with the same options, or choose another folder"
              .formatted(folder, String.join("; ", differences)));
    }
  }

  /**
   * Refuses a folder that has something in it: but for costs alone, which are left where no network
   * was within the budget, and for what a process that was killed was writing.
   */
  private static void requireNew(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(folder + " is a file; results need a folder");
    }
    try (Stream<Path> content = Files.list(folder)) {
      if (!content.allMatch(
          path ->
              path.endsWith(CostsRecord.FILE)
                  || path.endsWith(FolderLock.FILE)
                  || path.toString().endsWith(AtomicFile.TEMPORARY))) {
        throw new IllegalArgumentException(
            isBegun(folder)
                ? "%s is not empty, and a run never overwrites another: choose another folder, or go on in it with --resume"
                    .formatted(folder)
                : "%s is not empty, and shrink has not begun in it: choose another folder"
                    .formatted(folder));
      }
    }
  }

  /**
   * Measures what the candidates cost, chooses among them, and writes the study's file.
   *
   * @param folder made if it is missing
   * @param resumes whether it may have been begun before, with the same request
   * @return nothing where networks were chosen in it before
   * @throws IllegalArgumentException if there is something else in the folder, or it was begun with
   *     another request
   * @throws dev.retort.study.config.ConfigurationException if an override makes no sense
   * @throws dev.retort.data.DataException if the images cannot be read, or are too few
   * @throws dev.retort.weights.WeightsException if the teacher cannot be read
   * @throws IOException if a file cannot be read or written, or ONNX Runtime fails
   * @throws dev.retort.training.StoppedException on request
   */
  public Optional<Choice> begin(
      Path folder, boolean resumes, StudyListener listener, StopRequest stop) throws IOException {
    if (!resumes || !isBegun(folder)) {
      requireNew(folder);
    }
    if (Files.exists(studyFile(folder))) {
      requireSame(folder);
      return Optional.empty();
    }
    return Optional.of(choose(folder, listener, stop));
  }

  private Choice choose(Path folder, StudyListener listener, StopRequest stop) throws IOException {
    StudyConfiguration asked = StudyFile.asked(keys());
    asked.data().requireOutside(folder);
    FolderLock lock = lock(folder);
    try {
      if (Files.exists(studyFile(folder))) {
        throw isTaken(folder); // and has chosen since
      }
      return choose(asked, folder, listener, stop);
    } finally {
      lock.remove();
    }
  }

  /** Two that chose at once would overwrite each other's costs and study. */
  private static FolderLock lock(Path folder) throws IOException {
    FolderLock lock = FolderLock.tryLock(folder);
    if (lock == null) {
      throw isTaken(folder);
    }
    return lock;
  }

  private static IllegalArgumentException isTaken(Path folder) {
    return new IllegalArgumentException(
        "another process works on %s: wait until it ends, or choose another folder"
            .formatted(folder));
  }

  private Choice choose(
      StudyConfiguration asked, Path folder, StudyListener listener, StopRequest stop)
      throws IOException {
    Objects.requireNonNull(asked.teacher()).requireThere(); // reading many pictures takes long
    Splits images = asked.data().open(stop.during(listener::looksAtImages));
    // What the study would refuse is to be heard of before the candidates are timed; and so is a
    // folder that cannot be written.
    String any = StudyFile.text(asked, images, List.of(ANY), "", overrides);
    Study.of(StudyFile.read(any)).data(images).requireFittingData();
    new CostsRecord(request(asked), null).write(folder);
    CandidateCosts costs = costs(asked, images, listener, stop);
    new CostsRecord(request(asked), costs).write(folder);
    Choice choice = new Choice(costs, Shortlist.of(costs.candidates(), budget, most));
    if (!choice.chosen().isEmpty()) {
      String text =
          StudyFile.text(
              asked,
              images,
              choice.networks(),
              "The largest networks with %s on this machine.".formatted(budget),
              overrides);
      AtomicFile.write(studyFile(folder), text);
    }
    return choice;
  }

  /**
   * Writes the best student of the study, and its card. What the models cost to serve is measured
   * again where that was done on another kind of processor, or by another Java or ONNX Runtime: the
   * card's times are to be of one machine.
   *
   * @param folder in which the study is done
   * @throws IllegalStateException if a run of the study is neither done nor has diverged
   * @throws DivergedException if every run diverged
   * @throws IOException if a file cannot be read or written, or ONNX Runtime fails
   * @throws dev.retort.training.StoppedException on request
   */
  public ShrunkStudent write(Path folder, StudyListener listener, StopRequest stop)
      throws IOException {
    StudyFolder study = StudyFolder.open(studyFolder(folder));
    StudyConfiguration configuration = study.configuration();
    List<RunName> runs = study.plan().firstRuns();
    study.runs().requireEnded(runs, configuration.test());
    if (runs.stream().allMatch(run -> study.runs().result(run, configuration.test()).isEmpty())) {
      throw new DivergedException(
          "every run diverged, and there is no student: lower the learning rate (-o training.learningRate=…) in another folder");
    }
    Integer threads = study.threadsAsBegun();
    int before = Engine.threads();
    FolderLock lock = lock(folder);
    try {
      // The last bits of the temperature depend on them.
      Engine.threads(threads == null ? before : threads);
      return write(study, configuration, folder, listener, stop);
    } finally {
      Engine.threads(before);
      lock.remove();
    }
  }

  private ShrunkStudent write(
      StudyFolder study,
      StudyConfiguration configuration,
      Path folder,
      StudyListener listener,
      StopRequest stop)
      throws IOException {
    if (!study.servingIsMeasured() || !study.serving().orElseThrow().measuredAsHere()) {
      // The study's own measurement failed, and has said why; a run that had diverged is done; or
      // the study was done elsewhere.
      ServingMeasurement.measure(study, OtherProcesses.PATIENCE, listener, stop);
    }
    Splits images = configuration.data().open(stop.during(listener::looksAtImages));
    listener.awaitsQuiet(OtherProcesses.PATIENCE); // the file is timed, too
    OtherProcesses.awaitQuiet(OtherProcesses.PATIENCE, stop);
    ShrunkStudent student = ShrunkStudent.write(study, images, budget, maxLoss, folder, stop);
    ModelCard.write(study, images, student, budget, maxLoss, folder);
    return student;
  }

  private List<String> keys() {
    List<String> keys =
        new ArrayList<>(
            List.of("data=" + StudyFile.quoted(data), "teacher=" + StudyFile.quoted(teacher)));
    if (size != null) {
      keys.add("data.size=" + size);
    }
    keys.addAll(overrides);
    return keys;
  }

  /** What is asked for, by option; paths are absolute. */
  private Map<String, String> request(StudyConfiguration asked) {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("teacher", Objects.requireNonNull(asked.teacher()).model());
    request.put("data", asked.data().source());
    request.put("size", Objects.toString(asked.data().size(), CostsRecord.NONE));
    request.put("students", students.isEmpty() ? CostsRecord.NONE : String.join(",", students));
    request.put("try", Integer.toString(most));
    request.put(
        "p50", BigDecimal.valueOf(budget.p50()).stripTrailingZeros().toPlainString() + " s");
    request.put("max-bytes", budget.bytes() == null ? CostsRecord.NONE : budget.bytes() + " B");
    request.put("max-loss", Objects.toString(maxLoss, CostsRecord.NONE));
    request.put("override", overrides.isEmpty() ? CostsRecord.NONE : String.join(" ", overrides));
    return request;
  }

  private CandidateCosts costs(
      StudyConfiguration asked, Splits images, StudyListener listener, StopRequest stop)
      throws IOException {
    TeacherConfiguration configured = Objects.requireNonNull(asked.teacher());
    Set<String> networks = new LinkedHashSet<>(Networks.zoo());
    networks.addAll(students);
    try (TemporaryFolder temporary = new TemporaryFolder();
        TensorScope scope = TensorScope.open()) {
      String name;
      Long macs;
      try (Teacher known =
          configured.source().teacher(configured.view(), images, Precision.FP32, Device.CPU)) {
        name = known.name();
        macs = known.macs();
      }
      listener.awaitsQuiet(OtherProcesses.PATIENCE);
      OtherProcesses.awaitQuiet(OtherProcesses.PATIENCE, stop);
      return CandidateCosts.measure(
          List.copyOf(networks),
          images,
          asked.data().resize(),
          new CandidateCosts.Original(
              name, macs, new ServedTeacher(configured, images).file(temporary.path())),
          budget.p50(),
          temporary.path(),
          listener::measuresServing,
          stop);
    }
  }
}
