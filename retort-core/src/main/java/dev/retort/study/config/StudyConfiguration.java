package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.CrossEntropy;
import dev.retort.distill.Hinton;
import dev.retort.training.CheckpointInterval;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A study: every student by every method from every seed, under the same training. {@link
 * ConfigurationReader} reads it from YAML.
 *
 * @param data the images, as DATA alone or with the keys of its table; required
 * @param teacher what is distilled, as MODEL alone or with the keys of its table; null for none:
 *     then methods learn from labels alone
 * @param students a network's name or the keys of its table; of several, a list; required
 * @param training how every run learns; required
 * @param seeds of initialisation, order and augmentation. Runs of one seed share all three, so that
 *     methods are compared in pairs
 * @param dataSeed the seed of augmentation for all runs, with which the teacher sees one set of
 *     views in all of them; null for each run's own seed
 * @param views how many augmented views an image has, which epochs take in turn. A discriminator of
 *     pairs ({@code condition: pair}) needs at least 2; null for a new view each epoch
 * @param methods presets by name, or the keys of its table; required
 * @param comparisons the family of tests, a list of {@code [method, baseline]}, fixed before the
 *     test images are read; null for every method against cross-entropy and Hinton, where the study
 *     has those
 * @param primary the one comparison whose p stands as it is, a pair of {@code comparisons}; the
 *     others are adjusted without it; null for none: all comparisons are one family
 * @param observer whether a discriminator without influence watches the logits where no adversary
 *     reads them as they are, by cross-entropy, and knows nothing else
 * @param test whether the test images are read, once, at the end; without, the validation images
 *     stand in
 * @param checkpoints how often a run saves where it stands, beside the end of each epoch. It
 *     changes no result
 * @param tensorBoard whether the folder of each run gets its metrics as TensorBoard events too
 * @param cache where the teacher's outputs are kept, for all runs and studies
 * @param serving how the cost of serving is measured after all runs; null for no measurement
 * @param tune how {@code retort tune} searches for the methods' settings; {@code retort compare}
 *     reads of it only that its seeds are not the study's; null for no search
 */
public record StudyConfiguration(
    @JsonProperty(required = true) DataConfiguration data,
    @Nullable TeacherConfiguration teacher,
    @JsonProperty(required = true) List<StudentConfiguration> students,
    @JsonProperty(required = true) TrainingConfiguration training,
    List<Long> seeds,
    @Nullable Long dataSeed,
    @Nullable Integer views,
    @JsonProperty(required = true) List<MethodConfiguration> methods,
    @Nullable List<Comparison> comparisons,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Comparison primary,
    boolean observer,
    boolean test,
    CheckpointInterval checkpoints,
    boolean tensorBoard,
    CacheConfiguration cache,
    @Nullable ServingConfiguration serving,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TuneConfiguration tune) {

  /** The methods that {@code comparisons: default} compares every other with, by all names. */
  private static final List<String> DEFAULT_BASELINES =
      Stream.concat(CrossEntropy.KIND.names().stream(), Hinton.KIND.names().stream()).toList();

  public StudyConfiguration {
    students = atLeastOne("students", students);
    seeds = MethodConfiguration.requireSeeds(seeds);
    methods = atLeastOne("methods", methods);
    if (views != null && views < 1) {
      throw new IllegalArgumentException("views must be at least 1, not " + views);
    }
    requireDifferent("students", students.stream().map(StudentConfiguration::name).toList());
    List<String> methodNames = methods.stream().map(MethodConfiguration::name).toList();
    requireDifferent("methods", methodNames);
    requireDifferentFolders(students, methodNames);
    comparisons = comparisons == null ? defaultComparisons(methodNames) : List.copyOf(comparisons);
    for (Comparison comparison : comparisons) {
      requireKnown(comparison.method(), methodNames);
      requireKnown(comparison.baseline(), methodNames);
    }
    if (comparisons.stream().map(each -> Set.copyOf(each.pair())).distinct().count()
        < comparisons.size()) {
      throw new IllegalArgumentException(
          "comparisons must differ: the family of tests has each once");
    }
    if (primary != null && !comparisons.contains(primary)) {
      throw new IllegalArgumentException(
          "primary %s is none of the comparisons %s"
              .formatted(primary.pair(), comparisons.stream().map(Comparison::pair).toList()));
    }
    if (primary != null && !hasCommonSeed(primary, methods, seeds)) {
      throw new IllegalArgumentException(
          "primary: %s have no seed in common, by which their runs are paired"
              .formatted(primary.pair()));
    }
    if (teacher == null) {
      requireNoTeacher(students, methods);
    }
    for (MethodConfiguration method : methods) {
      if (method.budget() != null) {
        method.budget().requireApart(method.name(), method.seeds(seeds));
      }
    }
    if (tune != null) {
      tune.requireKnownMethods(methodNames);
      tune.requireApart("seeds", allSeeds(seeds, methods));
    }
  }

  /** A study without a teacher, and with every default. */
  static StudyConfiguration of(
      DataConfiguration data,
      List<StudentConfiguration> students,
      TrainingConfiguration training,
      List<MethodConfiguration> methods) {
    return new StudyConfiguration(
        data,
        null,
        students,
        training,
        List.of(1L, 2L, 3L),
        null,
        null,
        methods,
        null,
        null,
        true,
        true,
        CheckpointInterval.DEFAULTS,
        false,
        CacheConfiguration.DEFAULTS,
        null,
        null);
  }

  @Override
  public List<Comparison> comparisons() {
    return Objects.requireNonNull(comparisons);
  }

  private static <T> List<T> atLeastOne(String key, List<T> list) {
    if (list.isEmpty()) {
      throw new IllegalArgumentException(key + " must have at least one entry");
    }
    return List.copyOf(list);
  }

  private static void requireDifferent(String key, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new IllegalArgumentException(key + " has two entries named '" + name + "'");
      }
    }
  }

  /**
   * {@code a-b} by {@code c} and {@code a} by {@code b-c} would share their folders, and on some
   * file systems {@code KD} and {@code kd}.
   */
  private static void requireDifferentFolders(
      List<StudentConfiguration> students, List<String> methods) {
    Set<String> folders = new HashSet<>();
    for (StudentConfiguration student : students) {
      for (String method : methods) {
        String folder = student.name() + "-" + method;
        if (!folders.add(folder.toLowerCase(Locale.ROOT))) {
          throw new IllegalArgumentException(
              "methods and students give two runs one folder, '"
                  + folder
                  + "': rename a student or a method");
        }
      }
    }
  }

  /**
   * Every method against cross-entropy and against Hinton, where the study has those; the two are
   * compared with each other once, as Hinton against cross-entropy.
   */
  public static List<Comparison> defaultComparisons(List<String> methods) {
    List<Comparison> pairs = new ArrayList<>();
    for (String method : methods) {
      int own = DEFAULT_BASELINES.indexOf(method);
      for (String baseline :
          DEFAULT_BASELINES.subList(0, own < 0 ? DEFAULT_BASELINES.size() : own)) {
        if (methods.contains(baseline)) {
          pairs.add(new Comparison(method, baseline));
        }
      }
    }
    return pairs;
  }

  /**
   * The comparisons of methods without a common seed, of which no pair of runs can ever be
   * compared.
   */
  public List<Comparison> withoutPairs() {
    return comparisons().stream().filter(each -> !hasCommonSeed(each, methods, seeds)).toList();
  }

  /** Without one, no pair of runs could ever be compared. */
  private static boolean hasCommonSeed(
      Comparison comparison, List<MethodConfiguration> methods, List<Long> seeds) {
    List<List<Long>> both =
        methods.stream()
            .filter(method -> comparison.pair().contains(method.name()))
            .map(method -> method.seeds(seeds))
            .toList();
    return both.size() < 2 || !Collections.disjoint(both.get(0), both.get(1));
  }

  private static void requireKnown(String method, List<String> methods) {
    if (!methods.contains(method)) {
      throw new IllegalArgumentException(
          "comparisons name '" + method + "', which is none of the methods " + methods);
    }
  }

  /** Only the labels' own loss does without. */
  private static void requireNoTeacher(
      List<StudentConfiguration> students, List<MethodConfiguration> methods) {
    for (MethodConfiguration method : methods) {
      if (!method.objectives().stream().allMatch(CrossEntropy.class::isInstance)) {
        throw new IllegalArgumentException(
            "teacher is required: the method '" + method.name() + "' learns from one");
      }
    }
    for (StudentConfiguration student : students) {
      if (student.init().equals(StudentConfiguration.TEACHER)) {
        throw new IllegalArgumentException(
            "teacher is required: the student '" + student.name() + "' starts from one");
      }
    }
  }

  /** The method of a name, which is one of the study's. */
  public MethodConfiguration method(String name) {
    return methods.stream().filter(method -> method.name().equals(name)).findFirst().orElseThrow();
  }

  /** The run of every student, method and seed, seed by seed. */
  public List<RunName> runs() {
    List<RunName> runs = new ArrayList<>();
    for (StudentConfiguration student : students) {
      for (long seed : allSeeds(seeds, methods)) {
        for (MethodConfiguration method : methods) {
          if (method.seeds(seeds).contains(seed)) {
            runs.add(new RunName(student.name(), method.name(), seed));
          }
        }
      }
    }
    return runs;
  }

  /**
   * The views of each training image that a run shows.
   *
   * @param second whether it reads another view of each image beside the one at hand
   */
  public int viewsShown(boolean second) {
    if (!training.augmentation().varies()) {
      return 1;
    }
    int shown = training.epochs() + (second ? 1 : 0);
    return views == null ? shown : Math.min(views, shown);
  }

  /**
   * How a run's training images are put in batches.
   *
   * @param seed decides their order
   * @param dataSeed decides how they are varied
   * @param rank the number of a process among those that share each batch, from 0
   * @param ranks how many share it
   */
  public BatchPlan batches(long seed, long dataSeed, int rank, int ranks) {
    return new BatchPlan(
        training.batchSize(),
        training.augmentation(),
        views == null ? 0 : views,
        seed,
        dataSeed,
        rank,
        ranks);
  }

  /** The seeds of any method, the study's first. */
  private static Set<Long> allSeeds(List<Long> seeds, List<MethodConfiguration> methods) {
    Set<Long> all = new LinkedHashSet<>();
    if (methods.stream().anyMatch(method -> method.seeds() == null)) {
      all.addAll(seeds);
    }
    methods.forEach(method -> all.addAll(method.seeds(seeds)));
    return all;
  }
}
