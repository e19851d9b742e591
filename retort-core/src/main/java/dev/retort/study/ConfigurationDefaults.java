package dev.retort.study;

import dev.retort.adversary.Distribution;
import dev.retort.adversary.Encoding;
import dev.retort.data.Augmentation;
import dev.retort.data.DatasetOptions;
import dev.retort.data.RandomResizedCrop;
import dev.retort.optimization.Schedule;
import dev.retort.teacher.TeacherView;
import dev.retort.training.WeightAverage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What holds for keys that a configuration leaves out; objectives have their own defaults in their
 * settings. The training's are those that train a CIFAR student well.
 */
final class ConfigurationDefaults {
  /** The records' component names and values, by record. */
  static final Map<Class<?>, Map<String, Object>> OF =
      Map.of(
          StudyConfiguration.class,
          Map.of(
              "seeds",
              List.of(1, 2, 3),
              "observer",
              true,
              "test",
              true,
              "checkpoints",
              Map.of(),
              "tensorBoard",
              false,
              "cache",
              Map.of()),
          NetworkTrainingConfiguration.class,
          Map.of(
              "seed",
              1,
              "labelSmoothing",
              0.0,
              "test",
              true,
              "checkpoints",
              Map.of(),
              "tensorBoard",
              false),
          CheckpointConfiguration.class,
          Map.of("minutes", 2.0),
          StudentConfiguration.class,
          Map.of("init", StudentConfiguration.RANDOM),
          TeacherConfiguration.class,
          Map.of("layout", TeacherView.Layout.NCHW),
          DataConfiguration.class,
          Map.of("splitSeed", 0, "unreadable", DatasetOptions.Unreadable.STOP),
          RandomResizedCrop.class,
          Map.of(
              "area", RandomResizedCrop.STANDARD.area(),
              "ratio", RandomResizedCrop.STANDARD.ratio()),
          CacheConfiguration.class,
          Map.of("gigabytes", 10.0),
          TrainingConfiguration.class,
          Map.ofEntries(
              Map.entry("batchSize", 128),
              Map.entry("learningRate", 0.1),
              Map.entry("schedule", new Schedule.OneCycle(0.2, 0)),
              Map.entry("momentum", 0.9),
              Map.entry("nesterov", true),
              Map.entry("weightDecay", 5e-4),
              Map.entry("decoupledDecay", false),
              Map.entry("decayVectors", false),
              Map.entry("vectorRateFactor", 1.0),
              Map.entry("averaging", new WeightAverage.None()),
              Map.entry("precision", TrainingConfiguration.PrecisionChoice.AUTO),
              Map.entry("augmentation", Augmentation.STANDARD)),
          Augmentation.class,
          Map.of(
              "shift", Augmentation.STANDARD.shift(),
              "padding", Augmentation.STANDARD.padding(),
              "flip", Augmentation.STANDARD.flip(),
              "cutout", Augmentation.STANDARD.cutout()));

  /** The schedules by name. */
  static final NamedChoice<Schedule> SCHEDULES =
      new NamedChoice<>(
          Schedule.class,
          inOrder(
              Map.entry("one-cycle", new Schedule.OneCycle(0.2, 0)),
              Map.entry("cosine", new Schedule.Cosine(0, 0)),
              Map.entry("multi-step", new Schedule.MultiStep(0, List.of(0.5, 0.75), 0.1)),
              Map.entry("linear", new Schedule.OneCycle(0, 0)),
              Map.entry("constant", new Schedule.Constant(0))),
          true);

  /** The averages of weights by name. */
  static final NamedChoice<WeightAverage.Settings> AVERAGES =
      new NamedChoice<>(
          WeightAverage.Settings.class,
          inOrder(
              Map.entry("none", new WeightAverage.None()),
              Map.entry("lookahead", new WeightAverage.Lookahead(5, 0.95, 3)),
              Map.entry("exponential", new WeightAverage.Exponential(1, 0.999)),
              Map.entry("tail", new WeightAverage.Tail(1, 0.75))),
          true);

  /** What an adversary can do to representations before its discriminator reads them, by name. */
  static final NamedChoice<Encoding> ENCODINGS =
      new NamedChoice<>(
          Encoding.class,
          inOrder(
              Map.entry("raw", new Encoding.Raw()),
              Map.entry("centred", new Encoding.Centred()),
              Map.entry("standardized", new Encoding.Standardized()),
              Map.entry("softmax", new Encoding.Softmax(1))),
          true);

  /** What q_t and q_s of an adversary can be, by name. */
  static final NamedChoice<Distribution> DISTRIBUTIONS =
      new NamedChoice<>(
          Distribution.class,
          inOrder(
              Map.entry("deterministic", new Distribution.Deterministic()),
              Map.entry("gaussian", new Distribution.Gaussian(0.1, true))),
          true);

  private ConfigurationDefaults() {}

  @SafeVarargs
  private static <T> Map<String, T> inOrder(Map.Entry<String, ? extends T>... entries) {
    Map<String, T> map = new LinkedHashMap<>();
    for (Map.Entry<String, ? extends T> entry : entries) {
      map.put(entry.getKey(), entry.getValue());
    }
    return map;
  }
}
