package dev.retort.study.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A configuration with every default written out, by its keys alone: what {@code resolved.yaml}
 * says also where the classes of a user's own objectives and networks are missing.
 */
public final class ResolvedConfiguration {
  /**
   * What a study that goes on may change: more seeds, how often it saves, what is measured
   * afterwards, and what {@code inputs.json} has recorded as it really was: the content of files,
   * whatever their places, and the precision, whatever {@code auto} means on this machine.
   */
  private static final Set<String> FREE =
      Set.of(
          "seeds",
          "tensorBoard",
          "cache",
          "checkpoints",
          "serving",
          "tune",
          "data",
          "teacher.model",
          "teacher.classes",
          "training.precision");

  /** What a search that goes on may change: its two studies refuse other threads themselves. */
  private static final Set<String> FREE_OF_SEARCH =
      Set.of("tensorBoard", "cache", "checkpoints", "serving", "training.threads");

  /** How long a training is, of which the times of a schedule are shares. */
  private static final String LENGTH = "training.epochs";

  private static final String METHODS = "methods";

  private final YamlNode root;

  private ResolvedConfiguration(YamlNode root) {
    this.root = root;
  }

  /**
   * Reads one.
   *
   * @param yaml {@link ConfigurationFile#resolved} in UTF-8
   * @param name of the file, for messages
   * @return null if there is nothing in it
   * @throws ConfigurationException if it is no YAML
   */
  public static @Nullable ResolvedConfiguration read(byte[] yaml, String name) {
    YamlNode root = YamlReader.read(yaml, name);
    return root == null ? null : new ResolvedConfiguration(root);
  }

  /** All keys and values. */
  public JsonNode toJson() {
    return root.toJson();
  }

  /**
   * Where a configuration would give other results than this one.
   *
   * @return a sentence on the first difference; null if there is none that matters
   */
  public @Nullable String difference(ResolvedConfiguration now) {
    return between("", root, now.root, ResolvedConfiguration::isFree);
  }

  /**
   * Where a configuration would be another study than this one, but for the length of its
   * trainings.
   *
   * @return a sentence on the first difference; null if there is none that matters
   */
  public @Nullable String differenceBesideLength(ResolvedConfiguration now) {
    return between(
        "",
        root,
        now.root,
        (path, before, after) -> path.equals(LENGTH) || isFree(path, before, after));
  }

  /**
   * Where a configuration would be another search than this one.
   *
   * @return a sentence on the first difference; null if there is none that matters
   */
  public @Nullable String differenceOfSearch(ResolvedConfiguration now) {
    return between("", root, now.root, (path, before, after) -> FREE_OF_SEARCH.contains(path));
  }

  /**
   * Where its methods would be others.
   *
   * @return a sentence on the first difference; null if there is none that matters
   */
  public @Nullable String differenceOfMethods(ResolvedConfiguration now) {
    return between(METHODS, methods(), now.methods(), ResolvedConfiguration::isFree);
  }

  private @Nullable YamlNode methods() {
    return root instanceof YamlNode.Mapping mapping ? mapping.get(METHODS) : null;
  }

  /** Which differences do not matter. */
  private interface Free {
    boolean covers(String path, @Nullable YamlNode before, @Nullable YamlNode now);
  }

  private static boolean isFree(String path, @Nullable YamlNode before, @Nullable YamlNode now) {
    return FREE.contains(path)
        || isSeedsOfMethod(path)
        || (isInit(path) && isModel(before) && isModel(now));
  }

  private static @Nullable String between(
      String path, @Nullable YamlNode before, @Nullable YamlNode now, Free free) {
    if (free.covers(path, before, now)) {
      return null;
    }
    if (before instanceof YamlNode.Mapping from && now instanceof YamlNode.Mapping to) {
      Set<String> keys = new LinkedHashSet<>(from.entries().keySet());
      keys.addAll(to.entries().keySet());
      for (String key : keys) {
        String inner = path.isEmpty() ? key : path + "." + key;
        String difference = between(inner, from.get(key), to.get(key), free);
        if (difference != null) {
          return difference;
        }
      }
      return null;
    }
    if (before instanceof YamlNode.Sequence from
        && now instanceof YamlNode.Sequence to
        && from.items().size() == to.items().size()) {
      for (int i = 0; i < from.items().size(); i++) {
        String difference =
            between(path + "[" + i + "]", from.items().get(i), to.items().get(i), free);
        if (difference != null) {
          return difference;
        }
      }
      return null;
    }
    if (path.equals(METHODS)
        && before instanceof YamlNode.Sequence from
        && now instanceof YamlNode.Sequence to) {
      return "it had "
          + from.items().size()
          + " methods and has "
          + to.items().size()
          + ", and the tests of a study are a family, fixed before its results are known";
    }
    String was = shown(before);
    String is = shown(now);
    return was.equals(is) ? null : path + " was " + was + " and is " + is;
  }

  private static boolean isSeedsOfMethod(String path) {
    return path.matches("methods\\[\\d+]\\.seeds");
  }

  /** Like a teacher's, the weights that a student starts from are compared, not their place. */
  private static boolean isInit(String path) {
    return path.matches("students\\[\\d+]\\.init");
  }

  private static boolean isModel(@Nullable YamlNode init) {
    String text = init == null ? null : YamlNode.text(init);
    return text != null
        && !text.equals(StudentConfiguration.RANDOM)
        && !text.equals(StudentConfiguration.TEACHER);
  }

  /** An older build's record lacks the keys that are new, and null is what leaves them unset. */
  private static String shown(@Nullable YamlNode node) {
    return node == null || node.toJson().isNull() ? "not set" : node.toJson().toString();
  }
}
