package dev.retort.study;

import dev.retort.data.InspectionProgress;
import dev.retort.data.Splits;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.SingleProcess;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.NetworkTrainingConfiguration;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A study: students trained by several methods from several seeds, from a configuration to a folder
 * of results. This is the front door of the library:
 *
 * <pre>{@code
 * Summary summary = Study.read(Path.of("study.yaml")).run(Path.of("out"));
 * }</pre>
 *
 * Everything that may be set has a default: the CPU, one process, all runs, an empty folder.
 */
public final class Study {
  private static final Logger LOG = LoggerFactory.getLogger(Study.class);

  private final ConfigurationFile<?> file;
  private final StudyConfiguration configuration;
  private Device device = Device.CPU;
  private Collective ranks = SingleProcess.INSTANCE;
  private StudyListener listener = new StudyListener() {};
  private StopRequest stop = new StopRequest();
  private RunSelection selection = RunSelection.ALL;
  private @Nullable Splits data;
  private @Nullable Duration patience;
  private boolean resumes;
  private boolean anyProcessor;
  private @Nullable Integer threads; // of the runs that were done here

  private Study(ConfigurationFile<?> file, StudyConfiguration configuration) {
    this.file = file;
    this.configuration = configuration;
  }

  /**
   * The study that a YAML file describes.
   *
   * @throws ConfigurationException if it cannot be read or makes no sense
   */
  public static Study read(Path file) {
    return read(file, List.of());
  }

  /**
   * The same with some keys changed.
   *
   * @param overrides each {@code KEY=VALUE}, as after {@code -o} on the command line
   * @throws ConfigurationException if it cannot be read or makes no sense
   */
  public static Study read(Path file, List<String> overrides) {
    return of(ConfigurationReader.standard().readStudy(file, overrides));
  }

  /**
   * The study that a program describes, by the keys of the YAML file.
   *
   * @param configuration of texts, numbers, booleans, lists and maps: {@code Map.of("data",
   *     "cifar10-mini", "teacher", "bundled:cifar10", "student", "resnet8", "training",
   *     Map.of("epochs", 12), "methods", List.of("cross-entropy", "hinton"))}; relative paths start
   *     from the working folder
   * @throws ConfigurationException if it makes no sense
   */
  public static Study of(Map<String, ?> configuration) {
    return of(ConfigurationReader.standard().readStudy(configuration));
  }

  /** A study that was read, for instance by a reader that knows of other objectives. */
  public static Study of(ConfigurationFile<StudyConfiguration> file) {
    return new Study(file, file.configuration());
  }

  /**
   * The plain training that a YAML file describes, as the study of its one run.
   *
   * @param overrides each {@code KEY=VALUE}
   * @throws ConfigurationException if it cannot be read or makes no sense
   */
  public static Study readTraining(Path file, List<String> overrides) {
    ConfigurationFile<NetworkTrainingConfiguration> read =
        ConfigurationReader.standard().readTraining(file, overrides);
    return new Study(read, read.configuration().asStudy());
  }

  /** What the study is. */
  public StudyConfiguration configuration() {
    return configuration;
  }

  /** The configuration with every default written out and every path absolute, as YAML. */
  public String resolved() {
    return file.resolved();
  }

  /** Where networks compute. */
  public Study device(Device where) {
    device = where;
    return this;
  }

  /** The processes that share each run; {@link #run} is for the first of them. */
  public Study ranks(Collective processes) {
    ranks = processes;
    return this;
  }

  /** Gets the study's progress. */
  public Study listener(StudyListener who) {
    listener = who;
    return this;
  }

  /** What asks the study to save where it stands and leave. */
  public Study stop(StopRequest request) {
    stop = request;
    return this;
  }

  /** Which runs are done here. */
  public Study only(RunSelection runs) {
    selection = runs;
    return this;
  }

  /**
   * How long the measurement of what students cost to serve waits for other processes to leave the
   * machine alone; it is then made whatever they do. Without this it is not made where they disturb
   * it.
   */
  public Study patience(Duration wait) {
    patience = wait;
    return this;
  }

  /**
   * Data of the caller's own, in place of those that the configuration names: it must name some all
   * the same, such as {@code cifar10-mini}, and the records have the name and the digest of these.
   * Of its {@code data} only {@code resize} still counts: the students' files record that pictures
   * were scaled so.
   */
  public Study data(Splits own) {
    data = own;
    return this;
  }

  /** Whether it goes on in a folder where it was begun; it begins where there is none. */
  public Study resume(boolean goesOn) {
    resumes = goesOn;
    return this;
  }

  /**
   * Whether the two runs of a compared pair may have ended on two kinds of processor. They differ
   * in their last bits, and so by as much as two seeds may; without this, such a run is refused.
   */
  public Study anyProcessor(boolean any) {
    anyProcessor = any;
    return this;
  }

  /**
   * The runs that are done here.
   *
   * @throws ConfigurationException if there are none, or a method is none of the study's
   */
  public List<RunName> runs() {
    List<RunName> runs = selection.of(configuration);
    if (runs.isEmpty()) {
      throw new ConfigurationException("this share of the study has no runs: ask for fewer shares");
    }
    return runs;
  }

  /**
   * Does the runs that are not done yet, and sums up all that are. The calling thread, which the
   * study's number of threads is set for, does them: that of the configuration or, where it is open
   * and the study goes on, the one that the study was begun with. The thread gets its own number
   * back in the end; {@link Engine#threads(int)} says what threads that begin meanwhile get. A run
   * that diverges is named in {@link Summary#diverged}, and the others are done. After the last one
   * it is measured what the students cost to serve, where the configuration has {@code serving}.
   *
   * @param folder of the results; missing or empty, unless the study is {@link #resume resumed}
   * @throws ConfigurationException if a method cannot be had with these networks, or the folder is
   *     not this study's; what was begun in it is taken back; or if a run would be compared with
   *     one of another kind of processor, and {@link #anyProcessor} does not allow it
   * @throws dev.retort.data.DataException if the images cannot be read
   * @throws dev.retort.weights.WeightsException if the teacher cannot be read, or is none of such
   *     images
   * @throws StudyRecordException if a resumed folder's data, teacher or records are not those that
   *     it was begun with
   * @throws StoppedException on request ({@link StopRequest}), when all is saved
   * @throws CancellationException if the thread is interrupted: the steps since the last checkpoint
   *     are lost
   * @throws java.io.UncheckedIOException if a file cannot be written
   * @throws IllegalStateException on a rank other than the first, which {@link #follow follows}
   */
  public Summary run(Path folder) {
    Summary summary = train(folder);
    measureServing(StudyFolder.open(folder));
    return summary;
  }

  /** The same, but for what the students cost to serve. */
  public Summary train(Path folder) {
    try (StudyRunner runner = open(folder)) {
      Summary summary = runner.run(selection);
      stop.throwIfRequested();
      return summary;
    }
  }

  /**
   * Measures what the students cost to serve, where the configuration has {@code serving}, all runs
   * that the folder's study was begun with are done or have diverged, and it was not measured of
   * all of them before, with as many threads; {@link #run} does so itself. Nothing else should run
   * beside it. A measurement that fails costs no result; {@link StudyListener#servingSkipped} hears
   * why.
   *
   * @throws StoppedException on request
   * @throws CancellationException if the thread is interrupted
   */
  public void measureServing(StudyFolder folder) {
    if (configuration.serving() == null
        || folder.servingIsMeasured(configuration.serving().threads())
        || !folder.runs().hasEnded(folder.plan().runs(), configuration.test())) {
      return;
    }
    stop.alone(); // the other ranks have left
    if (threads == null) {
      serve(folder);
    } else {
      Engine.withThreads(threads, () -> serve(folder));
    }
  }

  /** Whether it was measured. */
  private boolean serve(StudyFolder folder) {
    boolean measured = false;
    try {
      Splits images = images(InspectionProgress.NONE);
      measured =
          ServingMeasurement.measure(folder, configuration, images, patience, listener, stop);
      if (measured) {
        folder.summarize();
      }
    } catch (StoppedException | CancellationException e) {
      throw e;
    } catch (IOException | RuntimeException | LinkageError e) {
      // Whatever it is: the trainings are done, and their table is still to come.
      LOG.debug("the measurement of serving", e);
      if (!Thread.currentThread().isInterrupted()) {
        listener.servingSkipped(
            "what the models cost to serve was not measured: "
                + Objects.requireNonNullElseGet(e.getMessage(), e::toString));
      }
    }
    if (!measured && Thread.currentThread().isInterrupted()) {
      throw new CancellationException("the measurement of serving was interrupted");
    }
    return measured;
  }

  /**
   * Looks whether the study can be trained and measured on its data, and does nothing.
   *
   * @throws ConfigurationException if the data are too few, too small or without the labels that
   *     the study measures by
   */
  public void requireFittingData() {
    requireShareable();
    FittingData.require(configuration, images(InspectionProgress.NONE), ranks);
  }

  /**
   * Begins in a folder, or goes on in it, without doing anything yet.
   *
   * @param folder of the results; missing or empty, unless the study is {@link #resume resumed}
   * @throws ConfigurationException if the folder is not this study's
   * @throws IllegalArgumentException if it lies in that of the pictures
   */
  public StudyFolder begin(Path folder) {
    configuration.data().requireOutside(folder);
    return StudyFolder.begin(folder, file, resumes);
  }

  /**
   * Opens data and teacher, for who shares the runs out among several processes; {@link #run} does
   * all runs of this one. Whoever asked closes it, on the same thread.
   *
   * @param folder as for {@link #run}, which has what is thrown
   */
  public StudyRunner open(Path folder) {
    if (!ranks.isFirst()) {
      throw new IllegalStateException("rank %d follows the first one".formatted(ranks.rank()));
    }
    device.start();
    requireShareable();
    return open(begin(folder));
  }

  private StudyRunner open(StudyFolder folder) {
    int before = Engine.threads();
    boolean opened = false;
    try {
      keepThreads(folder);
      Splits images = images(listener::looksAtImages);
      if (configuration.serving() != null && configuration.teacher() != null) {
        new ServedTeacher(configuration.teacher(), images).requireServable();
      }
      Execution execution = new Execution(device, ranks, listener, stop);
      StudyRunner runner =
          new StudyRunner(configuration, images, folder, execution, anyProcessor, before);
      threads = Engine.threads();
      opened = true;
      return runner;
    } catch (StoppedException e) {
      throw e; // the same study, resumed, goes on in the folder
    } catch (RuntimeException | Error e) {
      // One that resumes may have been joined by others, which may have what is missing here.
      if (!resumes || e instanceof ConfigurationException) {
        folder.discard();
      }
      throw e;
    } finally {
      if (!opened) {
        Engine.threads(before);
      }
    }
  }

  /** The last bits of what is left of a study depend on them. */
  private void keepThreads(StudyFolder folder) {
    if (ranks.ranks() > 1 || configuration.training().threads() != null) {
      return;
    }
    Integer begun = folder.threads();
    if (begun != null && begun != Engine.threads()) {
      Engine.threads(begun);
      listener.threadsAsBegun(begun);
    }
  }

  /**
   * Takes part in the runs as a rank other than the first, and writes nothing.
   *
   * @throws ConfigurationException if a method cannot be had with these networks
   * @throws StudyRecordException if ranks differ in data, teacher or configuration
   * @throws StoppedException on request, when the first rank has saved
   */
  public void follow() {
    device.start();
    requireShareable();
    Splits images = images(InspectionProgress.NONE);
    Execution unheard = new Execution(device, ranks, new StudyListener() {}, stop);
    Precision precision = configuration.training().precision().resolve(device);
    int before = Engine.threads();
    try (StudyTraining training = new StudyTraining(configuration, precision, images, unheard)) {
      training.follow();
    } finally {
      Engine.threads(before);
    }
  }

  private void requireShareable() {
    if (ranks.ranks() > 1) { // first, since a rank may find that its own share is empty
      requireSameSelection();
    }
    runs();
    int batchSize = configuration.training().batchSize();
    if (batchSize % ranks.ranks() != 0) {
      throw new ConfigurationException(
          "training.batchSize is %d, which %d ranks cannot share evenly: choose a multiple of %d"
              .formatted(batchSize, ranks.ranks(), ranks.ranks()));
    }
    if (batchSize == ranks.ranks()) {
      throw new ConfigurationException(
          "training.batchSize is %d, one image a rank, and batch normalisation needs two: choose a larger one"
              .formatted(batchSize));
    }
    if (ranks.ranks() > 1) {
      stop.share();
    }
  }

  /** Those who each want a share of the runs are no ranks of one training. */
  private void requireSameSelection() {
    int own = selection.hashCode();
    if (ranks.any(ranks.broadcast(own) != own)) {
      throw new ConfigurationException(
          "the ranks were asked for different shares of the runs (--shard, --only, --seeds): give all of them the same, or start each share by itself, outside of the environment of launch, torchrun or srun");
    }
  }

  /**
   * Opens the data once: tables are copied for it. They are decoded by as many threads as the
   * study's operations have.
   */
  private Splits images(InspectionProgress progress) {
    if (data != null) {
      return data;
    }
    if (configuration.teacher() != null) {
      configuration.teacher().requireThere(); // reading many pictures takes long
    }
    InspectionProgress heard = stop.during(progress);
    Integer configured = configuration.training().threads();
    data =
        configured == null
            ? configuration.data().open(heard)
            : Engine.withThreads(configured, () -> configuration.data().open(heard));
    return data;
  }
}
