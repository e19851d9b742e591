package dev.retort.study;

import dev.retort.data.Splits;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.teacher.CachedTeacher;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.training.Evaluation;
import dev.retort.training.Evaluator;
import dev.retort.training.StopRequest;
import dev.retort.weights.LoadedModel;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A study's teacher while the study runs: loaded once, its outputs remembered for all runs that see
 * the same views.
 */
final class StudyTeacher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StudyTeacher.class);
  private static final double NEAR_CHANCE = 1.5;

  private final Splits data;
  private final Precision precision;
  private final Device device;
  private final StopRequest stop;
  private final Collective ranks;
  private final NetworkTeacher teacher;
  private final Evaluation onValidation;
  private @Nullable CachedTeacher cached;
  private long cachedSeed;
  private @Nullable Evaluation onTest;

  /**
   * Loads the teacher and lets it classify the validation images.
   *
   * @param stop looked at between two batches of the images that the teacher classifies
   * @param ranks of which each classifies a part
   */
  StudyTeacher(
      TeacherConfiguration configuration,
      Splits data,
      Precision precision,
      Device device,
      StopRequest stop,
      Collective ranks) {
    this.ranks = ranks;
    this.data = data;
    this.precision = precision;
    this.device = device;
    this.stop = stop;
    LoadedModel model = ModelSource.parse(configuration.model(), Path.of("")).open(data);
    if (!model.info().classNames().equals(data.classes())) {
      throw new ConfigurationException(
          "the teacher "
              + configuration.model()
              + " tells apart "
              + model.info().classNames()
              + ", and the data have "
              + data.classes());
    }
    this.teacher = new NetworkTeacher(model, data.statistics(), precision, device);
    try (Evaluator evaluator =
        new Evaluator(data.validation(), data, precision, device, stop, ranks)) {
      this.onValidation = evaluator.evaluate(teacher);
    }
    if (onValidation.accuracy() < NEAR_CHANCE / data.classes().size()) {
      LOG.warn(
          "the teacher {} decides {} of the validation images right, which is near chance: check the order of its"
              + " classes and its normalisation",
          teacher.name(),
          onValidation.accuracy());
    }
  }

  /** What is known of it so far. */
  TeacherRecord record() {
    Evaluation test = onTest;
    return new TeacherRecord(
        teacher.name(),
        teacher.digest(),
        onValidation.accuracy(),
        test == null ? null : test.accuracy(),
        teacher.summary().parameters(),
        teacher.summary().macs());
  }

  Teacher teacher() {
    return teacher;
  }

  /**
   * The teacher with a memory for all runs whose views come from one seed; the memory of another
   * seed is freed.
   *
   * @param taps every representation that those runs read
   */
  Teacher remembering(long dataSeed, Set<String> taps) {
    if (cached == null || cachedSeed != dataSeed) {
      close();
      cached = new CachedTeacher(teacher, taps);
      cachedSeed = dataSeed;
    }
    return cached;
  }

  /** Its decisions on the test images, made at the first call. */
  Evaluation onTest() {
    if (onTest == null) {
      try (Evaluator evaluator = new Evaluator(data.test(), data, precision, device, stop, ranks)) {
        onTest = evaluator.evaluate(teacher);
      }
    }
    return onTest;
  }

  @Override
  public void close() {
    if (cached != null) {
      cached.close();
      cached = null;
    }
  }
}
