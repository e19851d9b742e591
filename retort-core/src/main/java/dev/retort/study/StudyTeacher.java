package dev.retort.study;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TeacherConfiguration;
import dev.retort.teacher.CachedTeacher;
import dev.retort.teacher.ClassOrder;
import dev.retort.teacher.ExternalView;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.RecordedTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherCache;
import dev.retort.teacher.TeacherView;
import dev.retort.teacher.ViewComparison;
import dev.retort.training.Evaluation;
import dev.retort.training.Evaluator;
import dev.retort.weights.WeightsException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A study's teacher while the study runs: loaded once, with a cache for all its runs. */
final class StudyTeacher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StudyTeacher.class);

  /** By how much of itself chance is to be exceeded. */
  private static final double ABOVE_CHANCE = 0.5;

  /** By how many of its standard errors that is enough. */
  private static final double ABOVE_NOISE = 4;

  private final Splits data;
  private final Precision precision;
  private final Execution execution;
  private final Teacher teacher;
  private final TeacherCache cache;
  private final @Nullable ExternalView externalView;
  private @Nullable CachedTeacher cached;
  private Set<String> taps = Set.of();
  private @Nullable Evaluation onValidation;
  private @Nullable Evaluation onTest;
  private @Nullable ViewComparison viewComparison;

  /**
   * Loads the teacher.
   *
   * @param cache of its outputs
   * @param execution whose stop is looked at between two batches of the images that it classifies,
   *     and of whose ranks each classifies a part
   */
  StudyTeacher(
      TeacherConfiguration configuration,
      Splits data,
      Precision precision,
      TeacherCache cache,
      Execution execution) {
    this.data = data;
    this.precision = precision;
    this.execution = execution;
    Device device = execution.device();
    ModelSource source = configuration.source();
    TeacherView wanted = configuration.view();
    this.teacher = source.teacher(wanted, data, precision, device);
    try {
      source.warnOfImagesLearntFrom(data);
      this.externalView = ExternalView.of(source, wanted, data, precision, device, teacher);
    } catch (RuntimeException | Error e) {
      teacher.close();
      throw e;
    }
    // What was recorded is not written down again.
    this.cache = teacher instanceof RecordedTeacher ? TeacherCache.none() : cache;
  }

  /**
   * Checks that it can say something of every view that a training shows.
   *
   * @throws ConfigurationException if its outputs were recorded for other views
   */
  void requireViews(StudyConfiguration study) {
    if (teacher instanceof RecordedTeacher recorded) {
      try {
        recorded.requireTraining(study.training().augmentation(), study.views(), study.dataSeed());
      } catch (IllegalArgumentException e) {
        throw new ConfigurationException("teacher: " + e.getMessage(), e);
      }
    }
  }

  /** What is known of it so far. */
  TeacherRecord record() {
    return new TeacherRecord(
        teacher.name(),
        teacher.digest(),
        onValidation == null ? null : onValidation.accuracy(),
        onTest == null ? null : onTest.accuracy(),
        teacher.parameters(),
        teacher.macs(),
        externalView == null ? null : externalView.input(),
        viewComparison);
  }

  /**
   * Compares the view that it gets with the usual others, and warns where one of them is better.
   *
   * @param before what is on record of it; null for nothing. A comparison in it is not made again
   */
  void compareViews(@Nullable TeacherRecord before) {
    if (externalView != null) {
      ViewComparison known = before == null ? null : before.viewComparison();
      viewComparison =
          known == null ? externalView.compare(execution.stop()::throwIfRequested) : known;
      externalView.warn(viewComparison);
    }
  }

  Teacher teacher() {
    return teacher;
  }

  /**
   * Gives it its cache, for all runs of the study.
   *
   * @param taps every representation that the runs read
   */
  CachedTeacher prepare(Set<String> taps) {
    this.taps = Set.copyOf(taps);
    cached = new CachedTeacher(teacher, taps, precision, cache);
    return cached;
  }

  /** How many views of the training images the cache can hold; 0 where nothing is kept. */
  long viewsThatFit() {
    return cache.keeps()
        ? cache.bound() / Math.max(1, cached().bytesAnImage() * data.train().size())
        : 0;
  }

  /** Sees to it that all that runs read of a batch is in the cache. */
  void remember(Batch batch) {
    cached().activations(batch, taps);
  }

  /**
   * Lets it classify the validation images, or looks up how it did.
   *
   * @throws WeightsException if some of three or more classes seem to be in another order than the
   *     data's
   */
  void classifyValidation() {
    if (!teacher.knows(data.validation(), Augmentation.NONE)) {
      LOG.warn(
          "the teacher {} has outputs of not all validation images: its accuracy on them is"
              + " unknown, and discriminators are not judged on them",
          teacher.name());
      return;
    }
    onValidation = decisions(data.validation(), cached());
    ClassOrder.complaint(onValidation.decisions(), onValidation.labels(), data.classes())
        .ifPresent(this::complain);
    double chance = 1.0 / data.classes().size();
    double error = Math.sqrt(chance * (1 - chance) / data.validation().size());
    // Half of chance is little of ten classes and much of two; of few images four errors are more.
    double above = Math.min(ABOVE_CHANCE * chance, ABOVE_NOISE * error);
    if (onValidation.accuracy() < chance + above) {
      LOG.warn(
          "the teacher {} decides {} % of the validation images right, which is near chance: check"
              + " the order of its classes and its normalisation",
          teacher.name(), ResultNumbers.percent(onValidation.accuracy()));
    }
  }

  /** Of two classes, it may be a teacher that is worse than none. */
  private void complain(String complaint) {
    if (data.classes().size() > 2) {
      throw new WeightsException("the teacher " + teacher.name() + ": " + complaint);
    }
    LOG.warn("the teacher {}: {}", teacher.name(), complaint);
  }

  TeacherCache cache() {
    return cache;
  }

  /** The teacher with its cache, which {@link #prepare} has given it. */
  CachedTeacher cached() {
    return Objects.requireNonNull(cached);
  }

  /**
   * Its decisions on the test images, made or looked up at the first call; null where they were not
   * recorded.
   */
  @Nullable Evaluation onTest() {
    if (onTest == null && teacher.knows(data.test(), Augmentation.NONE)) {
      // Of the test images nothing is ever read but the logits.
      try (CachedTeacher logits = new CachedTeacher(teacher, Set.of(), precision, cache)) {
        onTest = decisions(data.test(), logits);
      }
    }
    return onTest;
  }

  private Evaluation decisions(Dataset images, Teacher of) {
    try (Evaluator evaluator =
        new Evaluator(
            images, data, precision, execution.device(), execution.stop(), execution.ranks())) {
      return evaluator.evaluate(of);
    }
  }

  @Override
  public void close() {
    if (cached != null) {
      cached.close();
    }
    teacher.close();
  }
}
