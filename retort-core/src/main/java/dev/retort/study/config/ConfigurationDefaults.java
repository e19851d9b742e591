package dev.retort.study.config;

import dev.retort.adversary.AdversarySettings;
import dev.retort.adversary.Distribution;
import dev.retort.adversary.Encoding;
import dev.retort.data.RandomResizedCrop;
import dev.retort.distill.CrossEntropy;
import dev.retort.optimization.Schedule;
import dev.retort.training.WeightAverage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Instances of the records that a configuration is made of, with the values of keys that are left
 * out; {@link RecordDefaults} merges them with what a file says. Each stands in its record's file,
 * and an objective's in its kind.
 */
final class ConfigurationDefaults {
  /**
   * Those that are no part of another instance. What is required has any value here, and it is
   * never read.
   */
  static final Map<Class<?>, Record> RECORDS;

  static {
    DataConfiguration data = DataConfiguration.of("cifar10-mini");
    StudentConfiguration student = StudentConfiguration.of("resnet8");
    TrainingConfiguration training = TrainingConfiguration.of(1);
    RECORDS =
        Stream.of(
                StudyConfiguration.of(
                    data,
                    List.of(student),
                    training,
                    List.of(MethodConfiguration.of(CrossEntropy.KIND))),
                NetworkTrainingConfiguration.of(data, student.network(), training),
                data,
                TeacherConfiguration.of("bundled:cifar10"),
                student,
                training,
                ServingConfiguration.DEFAULTS,
                TuneConfiguration.of(12),
                TuneConfiguration.Confirmation.DEFAULTS,
                RandomResizedCrop.STANDARD,
                AdversarySettings.Convergence.DEFAULTS)
            .collect(Collectors.toUnmodifiableMap(Record::getClass, record -> record));
  }

  /** The schedules by name. */
  static final NamedChoice<Schedule> SCHEDULES =
      new NamedChoice<>(
          Schedule.class,
          inOrder(
              Map.entry("one-cycle", Schedule.OneCycle.STANDARD),
              Map.entry("cosine", new Schedule.Cosine(0, 0)),
              Map.entry("multi-step", new Schedule.MultiStep(0, List.of(0.5, 0.75), 0.1)),
              Map.entry("linear", new Schedule.OneCycle(0, 0)),
              Map.entry("constant", new Schedule.Constant(0))));

  /** The averages of weights by name. */
  static final NamedChoice<WeightAverage.Settings> AVERAGES =
      new NamedChoice<>(
          WeightAverage.Settings.class,
          inOrder(
              Map.entry("none", new WeightAverage.None()),
              Map.entry("lookahead", new WeightAverage.Lookahead(5, 0.95, 3)),
              Map.entry("exponential", new WeightAverage.Exponential(1, 0.999)),
              Map.entry("tail", new WeightAverage.Tail(1, 0.75))));

  /** What an adversary can do to representations before its discriminator reads them, by name. */
  static final NamedChoice<Encoding> ENCODINGS =
      new NamedChoice<>(
          Encoding.class,
          inOrder(
              Map.entry("raw", new Encoding.Raw()),
              Map.entry("centred", new Encoding.Centred()),
              Map.entry("standardized", new Encoding.Standardized()),
              Map.entry("softmax", new Encoding.Softmax(1))));

  /** What q_t and q_s of an adversary can be, by name. */
  static final NamedChoice<Distribution> DISTRIBUTIONS =
      new NamedChoice<>(
          Distribution.class,
          inOrder(
              Map.entry("deterministic", new Distribution.Deterministic()),
              Map.entry("gaussian", new Distribution.Gaussian(0.1, true))));

  private ConfigurationDefaults() {}

  @SafeVarargs
  private static <T> Map<String, T> inOrder(Map.Entry<String, ? extends T>... entries) {
    Map<String, T> map = new LinkedHashMap<>();
    for (Map.Entry<String, ? extends T> entry : entries) {
      map.put(entry.getKey(), entry.getValue());
    }
    return map;
  }

  /** The values under keys of their own that are a name, or a name with settings. */
  private static Map<String, NamedChoice<?>> byKey() {
    return Map.of(
        "schedule", SCHEDULES,
        "averaging", AVERAGES,
        "encoding", ENCODINGS,
        "distribution", DISTRIBUTIONS);
  }

  /** Whether what is written under a key may be a name alone, or a name with settings. */
  static boolean isChoice(String key) {
    return byKey().containsKey(key);
  }

  /**
   * Whether what is written under a key is another choice than before, and no setting of that one.
   *
   * @param before what the key had
   * @param name of what is written
   */
  static boolean isOtherChoice(String key, YamlNode before, String name) {
    NamedChoice<?> choice = byKey().get(key);
    return choice != null
        && choice.choices().containsKey(name)
        && before instanceof YamlNode.Mapping mapping
        && mapping.get(name) == null
        && choice.choices().keySet().containsAll(mapping.entries().keySet());
  }
}
