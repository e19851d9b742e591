package dev.retort.study.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.adversary.AdversarySettings;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.engine.RandomSource;
import dev.retort.system.NearestNames;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one method that a search varies, and the ranges that it draws them from. A key is an
 * objective's name and the keys under it, joined by dots: {@code hinton.temperature}; of several
 * objectives of one name, the number in the method's list comes first: {@code
 * 1.adversary.weight.gradientRatio}.
 */
final class SearchSpace {
  /**
   * A key.
   *
   * @param objective its number in the method's list
   * @param path the objective's own name, and the keys under it
   * @param whole whether the setting is a whole number
   * @param place where its range was written
   */
  private record Key(
      String name,
      int objective,
      List<String> path,
      SettingRange range,
      boolean whole,
      Location place) {}

  /** After so many draws of settings that were tried already, there are no others. */
  private static final int MOST_DRAWS = 100_000;

  private final String method;
  private final YamlNode.Mapping tree;
  private final List<ObjectiveSettings> objectives;
  private final ConfigurationMapper mapper;
  private final List<Key> keys = new ArrayList<>();

  /**
   * The space of a method.
   *
   * @param tree of the method, written out
   * @param method what the tree describes
   * @param ranges by key
   * @param places of the keys
   * @throws ConfigurationException if the method has no such key
   */
  SearchSpace(
      YamlNode.Mapping tree,
      MethodConfiguration method,
      Map<String, SettingRange> ranges,
      Map<String, Location> places,
      ConfigurationMapper mapper,
      ObjectiveCatalog catalog) {
    this.method = method.name();
    this.tree = tree;
    this.objectives = method.objectives();
    this.mapper = mapper;
    ranges.forEach((key, range) -> add(key(key, range, places.get(key), catalog)));
  }

  /** Two keys of one setting, or of a setting and a part of it, would overwrite each other. */
  private void add(Key key) {
    for (Key other : keys) {
      int common = Math.min(key.path().size(), other.path().size());
      if (key.objective() == other.objective()
          && (key.path().subList(0, common).equals(other.path().subList(0, common))
              || areBalances(key, other))) {
        throw key.place()
            .problem(
                "tune.space." + method,
                "'%s' and '%s' set one setting: keep one of them"
                    .formatted(other.name(), key.name()));
      }
    }
    keys.add(key);
  }

  /** Of a weight's balances one holds. */
  private static boolean areBalances(Key key, Key other) {
    int last = key.path().size() - 1;
    return other.path().size() - 1 == last
        && key.path().subList(0, last).equals(other.path().subList(0, last))
        && AdversarySettings.Weight.BALANCES.contains(key.path().get(last))
        && AdversarySettings.Weight.BALANCES.contains(other.path().get(last));
  }

  /** The names of the method's objectives, in order. */
  private List<String> names() {
    return objectives.stream().map(mapper::name).toList();
  }

  private Key key(
      String name, SettingRange range, @Nullable Location at, ObjectiveCatalog catalog) {
    Location place = at == null ? new Location("space of " + method, 0, 0) : at;
    List<String> path = new ArrayList<>(Arrays.asList(name.split("\\.", -1)));
    List<String> names = names();
    List<Integer> found;
    if (path.get(0).matches("\\d{1,4}") && path.size() > 1) {
      int number = Integer.parseInt(path.remove(0));
      found = number < names.size() ? List.of(number) : List.of();
    } else {
      found = IntStream.range(0, names.size()).boxed().toList();
    }
    ObjectiveKind alias = catalog.byName().get(path.get(0));
    String objective = alias == null ? path.get(0) : alias.name();
    found = found.stream().filter(i -> names.get(i).equals(objective)).toList();
    if (found.isEmpty()) {
      throw place.problem(
          "tune.space." + method,
          "'%s' begins with none of the method's objectives, which are %s"
              .formatted(name, String.join(", ", names)));
    }
    if (found.size() > 1) {
      throw place.problem(
          "tune.space." + method,
          "the method has several objectives named '%s': write %d.%s for the first"
              .formatted(objective, found.get(0), name));
    }
    path.set(0, objective);
    int number = found.get(0);
    Class<?> type = type(objectives.get(number).getClass(), name, path, place);
    boolean whole =
        Set.<Class<?>>of(int.class, long.class, Integer.class, Long.class).contains(type);
    if (whole && range.hasFractions()) {
      throw place.problem(
          "tune.space." + method, "'%s' takes whole numbers, not %s".formatted(name, range));
    }
    return new Key(name, number, List.copyOf(path), range, whole, place);
  }

  /** What the last key of a path holds. */
  private Class<?> type(Class<?> of, String name, List<String> path, Location place) {
    Class<?> type = of;
    for (int i = 1; i < Math.max(2, path.size()); i++) {
      Class<?> outer = type;
      String key = i < path.size() ? path.get(i) : "";
      Optional<NamedChoice<?>> choice =
          mapper.choices().stream().filter(each -> each.type() == outer).findFirst();
      Map<String, Class<?>> known = new LinkedHashMap<>();
      if (choice.isPresent()) {
        choice.get().choices().forEach((each, value) -> known.put(each, value.getClass()));
      } else if (outer.isRecord()) {
        for (RecordComponent component : outer.getRecordComponents()) {
          known.put(component.getName(), component.getType());
        }
      }
      Class<?> inner = known.get(key);
      if (inner == null) {
        String under = String.join(".", path.subList(0, i));
        throw place.problem("tune.space." + method, unknown(name, under, key, known.keySet()));
      }
      type = inner;
    }
    return type;
  }

  private static String unknown(String name, String outer, String key, Collection<String> known) {
    return known.isEmpty()
        ? "'%s' leads nowhere: %s has no settings of its own".formatted(name, outer)
        : "unknown key '%s'; did you mean '%s.%s'? Known under %s are %s"
            .formatted(
                name, outer, NearestNames.of(key, known).get(0), outer, String.join(", ", known));
  }

  /** The ranges by key. */
  Map<String, SettingRange> ranges() {
    Map<String, SettingRange> ranges = new LinkedHashMap<>();
    keys.forEach(key -> ranges.put(key.name(), key.range()));
    return ranges;
  }

  /**
   * The settings to try: the method's own, then a Latin hypercube (McKay, Beckman and Conover 1979)
   * of the ranges: each of the n − 1 parts of equal size of every range is drawn from once. Where
   * two would be the same, the later one is drawn anew, from the whole space. All is a function of
   * the seed and the names of method and keys.
   *
   * @param trials how many, at least 1
   * @throws ConfigurationException if the space has fewer
   */
  List<Map<String, Object>> settings(int trials, long seed) {
    Map<String, Object> own = own();
    RandomSource random = RandomSource.of(seed, "tune").at(method);
    List<double[]> design =
        keys.stream().map(key -> stratified(trials - 1, random.at(key.name()))).toList();
    List<Map<String, Object>> settings = new ArrayList<>(List.of(own));
    Set<Map<String, Object>> written = new HashSet<>(settings);
    Set<List<ObjectiveSettings>> tried = new HashSet<>(Set.of(objectives));
    for (int trial = 0; trial < trials - 1; trial++) {
      int column = trial;
      Map<String, Object> drawn = draw(key -> design.get(key)[column]);
      List<SplittableRandom> again =
          keys.stream().map(key -> random.at(column).at(key.name()).random()).toList();
      for (int draws = 0; !written.add(drawn) || !tried.add(bound(drawn)); draws++) {
        if (draws == MOST_DRAWS) {
          throw tooFew(tried.size(), trials);
        }
        drawn = draw(key -> again.get(key).nextDouble());
      }
      settings.add(drawn);
    }
    return settings;
  }

  /** What the method is with some settings: equal however they are written. */
  private List<ObjectiveSettings> bound(Map<String, Object> settings) {
    return mapper.bind(with(settings, method), MethodConfiguration.class).objectives();
  }

  /** One number in each of n equal parts of [0, 1), in random order. */
  static double[] stratified(int n, RandomSource source) {
    int[] order = source.permutation(n);
    SplittableRandom within = source.at("within").random();
    return IntStream.range(0, n)
        .mapToDouble(i -> Math.min((order[i] + within.nextDouble()) / n, Math.nextDown(1.0)))
        .toArray();
  }

  /** A value for each key, at the place that the key of a number is given. */
  private Map<String, Object> draw(IntToDoubleFunction quantile) {
    Map<String, Object> drawn = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      Key key = keys.get(i);
      Object value = key.range().at(quantile.applyAsDouble(i), key.whole());
      drawn.put(key.name(), asKeyHas(key, value));
    }
    return drawn;
  }

  /** A number as its key's type has it, so that equal settings are equal. */
  private static Object asKeyHas(Key key, Object value) {
    if (!(value instanceof Number number)) {
      return value;
    }
    boolean fits = key.whole() && number.doubleValue() == number.longValue();
    return fits ? (Object) number.longValue() : (Object) number.doubleValue();
  }

  private ConfigurationException tooFew(int different, int trials) {
    return keys.get(0)
        .place()
        .problem(
            "tune.space." + method,
            "there are %d different settings, the method's own among them, and tune.trials is %d: add keys or values, or try fewer"
                .formatted(different, trials));
  }

  /** What the method has for the keys as the configuration describes it. */
  private Map<String, Object> own() {
    Map<String, Object> own = new LinkedHashMap<>();
    for (Key key : keys) {
      JsonNode node = mapper.tree(objectives.get(key.objective()));
      for (String inner : key.path()) {
        node = node.path(inner);
      }
      Object value = mapper.plain(node);
      own.put(key.name(), value == null ? null : asKeyHas(key, shortForm(value)));
    }
    return own;
  }

  /** A choice without keys as its name, as a list of values has it: {@code {raw: {}}}. */
  private static Object shortForm(Object value) {
    return value instanceof Map<?, ?> choice
            && choice.size() == 1
            && choice.values().iterator().next() instanceof Map<?, ?> keys
            && keys.isEmpty()
        ? String.valueOf(choice.keySet().iterator().next())
        : value;
  }

  /**
   * The method with some settings, under another name.
   *
   * @throws ConfigurationException if the method cannot have them
   */
  YamlNode.Mapping with(Map<String, Object> settings, String name) {
    YamlNode.Mapping changed = tree.copy();
    changed.entries().remove("seeds");
    changed.entries().remove("budget");
    changed.put("name", tree.location(), YamlNode.of(mapper.tree(name), tree.location()));
    YamlNode.Sequence terms = (YamlNode.Sequence) Objects.requireNonNull(changed.get("objectives"));
    for (Key key : keys) {
      if (settings.get(key.name()) != null) { // a key that the method leaves unset stays so
        YamlNode.Mapping at = (YamlNode.Mapping) terms.items().get(key.objective());
        for (int i = 0; i < key.path().size() - 1; i++) {
          String inner = key.path().get(i);
          YamlNode.Mapping next =
              at.get(inner) instanceof YamlNode.Mapping mapping
                      && !ConfigurationDefaults.isOtherChoice(inner, mapping, key.path().get(i + 1))
                  ? mapping
                  : new YamlNode.Mapping(key.place());
          at.put(inner, key.place(), next);
          at = next;
        }
        removeOtherBalances(at, key.path().get(key.path().size() - 1));
        YamlNode value = YamlNode.of(mapper.tree(settings.get(key.name())), key.place());
        at.put(key.path().get(key.path().size() - 1), key.place(), value);
      }
    }
    mapper.bind(changed, MethodConfiguration.class);
    return changed;
  }

  /** Of a weight's balances one is given: where another is searched, it takes its place. */
  private static void removeOtherBalances(YamlNode.Mapping weight, String key) {
    if (AdversarySettings.Weight.BALANCES.contains(key)) {
      AdversarySettings.Weight.BALANCES.stream()
          .filter(other -> !other.equals(key) && !YamlNode.isNull(weight.get(other)))
          .forEach(weight.entries()::remove);
    }
  }

  /**
   * The keys whose value is at the edge of its range, with the range; not where the method can have
   * nothing beyond, as a label smoothing below 0.
   */
  Map<String, SettingRange> edges(Map<String, Object> settings) {
    Map<String, SettingRange> edges = new LinkedHashMap<>();
    for (Key key : keys) {
      Double beyond = key.range().beyondEdge(settings.get(key.name()));
      if (beyond != null && canBe(key, beyond, settings)) {
        edges.put(key.name(), key.range());
      }
    }
    return edges;
  }

  private boolean canBe(Key key, double beyond, Map<String, Object> settings) {
    boolean below =
        settings.get(key.name()) instanceof Number number && beyond < number.doubleValue();
    double whole = below ? Math.floor(beyond) : Math.ceil(beyond);
    Map<String, Object> changed = new LinkedHashMap<>(settings);
    changed.put(key.name(), asKeyHas(key, key.whole() ? whole : beyond));
    try {
      with(changed, method);
      return true;
    } catch (ConfigurationException e) {
      return false;
    }
  }
}
