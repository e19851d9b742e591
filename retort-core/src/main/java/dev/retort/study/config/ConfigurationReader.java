package dev.retort.study.config;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import dev.retort.system.FileFailure;
import dev.retort.teacher.TeacherView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads configurations from YAML. Everything that is wrong is said in one sentence. */
public final class ConfigurationReader {
  private final ObjectiveCatalog catalog;
  private final ConfigurationMapper mapper;

  /**
   * For configurations whose methods are made of certain terms.
   *
   * @param catalog the terms
   */
  public ConfigurationReader(ObjectiveCatalog catalog) {
    this.catalog = catalog;
    this.mapper = new ConfigurationMapper(catalog);
  }

  /** For the terms of {@link MethodPresets#objectives}. */
  public static ConfigurationReader standard() {
    return new ConfigurationReader(MethodPresets.objectives());
  }

  /**
   * Reads the configuration of a study.
   *
   * @param file YAML; relative paths in it start from its folder
   * @param overrides each {@code KEY=VALUE}: KEY is a path of keys with dots, in which a list's
   *     entry is its number from 0 or its name, and VALUE is YAML; relative paths in them start
   *     from the working folder
   * @throws ConfigurationException if it cannot be read or makes no sense
   */
  public ConfigurationFile<StudyConfiguration> readStudy(Path file, List<String> overrides) {
    return read(file, overrides, StudyConfiguration.class);
  }

  /**
   * Reads the configuration of a study from the keys and values that its YAML would have.
   *
   * @param values texts, numbers, booleans, lists and maps; relative paths start from the working
   *     folder
   * @throws ConfigurationException if it makes no sense
   */
  public ConfigurationFile<StudyConfiguration> readStudy(Map<String, ?> values) {
    return readStudy(mapper.toYaml(values), List.of());
  }

  /**
   * The same from a text.
   *
   * @param yaml in which, as in the overrides, relative paths start from the working folder
   * @param overrides each {@code KEY=VALUE}
   * @throws ConfigurationException if it makes no sense
   */
  public ConfigurationFile<StudyConfiguration> readStudy(String yaml, List<String> overrides) {
    Path here = Path.of("").toAbsolutePath();
    byte[] bytes = yaml.getBytes(StandardCharsets.UTF_8);
    return read(bytes, "configuration", here, overrides, StudyConfiguration.class);
  }

  /**
   * Reads the configuration of a plain training.
   *
   * @param file YAML; relative paths in it start from its folder
   * @param overrides each {@code KEY=VALUE}; relative paths in them start from the working folder
   * @throws ConfigurationException if it cannot be read or makes no sense
   */
  public ConfigurationFile<NetworkTrainingConfiguration> readTraining(
      Path file, List<String> overrides) {
    return read(file, overrides, NetworkTrainingConfiguration.class);
  }

  /**
   * Reads how an external teacher wants its images: the keys of {@link TeacherConfiguration} but
   * for the model.
   *
   * @param file YAML; a relative path in it starts from its folder
   * @throws ConfigurationException if it cannot be read or makes no sense
   */
  public TeacherView readView(Path file) {
    String name = file.toString();
    if (!(YamlReader.read(bytes(file), name) instanceof YamlNode.Mapping view)) {
      throw new Location(name, 1, 1)
          .problem(
              "", "a view is a mapping of size, mean, std, layout, classes, channels and outputs");
    }
    YamlNode.Mapping.Entry model = view.entries().get("model");
    if (model != null) {
      throw model.key().problem("model", "is not part of a view");
    }
    Location place = view.location();
    YamlNode unnamed = new YamlNode.Scalar(new TextNode("-"), place);
    view.put("model", place, unnamed);
    YamlNode.Mapping root = new YamlNode.Mapping(place);
    root.put("teacher", place, view);
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    new PathsInConfiguration(name, folder).makeAbsolute(root);
    return mapper.bind(view, TeacherConfiguration.class).view();
  }

  /**
   * The method that an entry of a study's list of methods describes.
   *
   * @param entry YAML, such as {@code hinton} or {@code {name: hot, extends: hinton, objectives:
   *     [{hinton: {temperature: 8}}]}}
   * @throws ConfigurationException if it describes none
   */
  public MethodConfiguration method(String entry) {
    YamlNode given = YamlReader.read(entry.getBytes(StandardCharsets.UTF_8), "method");
    List<YamlNode> methods = given == null ? List.of() : List.of(given);
    YamlNode.Sequence expanded =
        MethodExpansion.expand(
            new YamlNode.Sequence(methods, new Location("method", 1, 1)), catalog);
    if (expanded.items().isEmpty()) {
      throw new ConfigurationException("there is no method in '%s'".formatted(entry));
    }
    return mapper.bind(expanded.items().get(0), MethodConfiguration.class);
  }

  /**
   * What holds of a term's settings where a configuration gives none: keys and values as YAML has
   * them, null where the networks decide.
   */
  public Map<String, Object> defaults(ObjectiveKind kind) {
    return mapper.settings(kind.defaults());
  }

  /**
   * What a search varies of a method where the configuration names no space for it: the ranges of
   * its terms.
   *
   * @return by key, such as {@code hinton.temperature}; empty where no term has a range
   */
  public Map<String, SettingRange> defaultSpace(MethodConfiguration method) {
    return DefaultSpaces.of(method, mapper, catalog);
  }

  /** The terms that methods are made of. */
  ObjectiveCatalog catalog() {
    return catalog;
  }

  /** What is between YAML and the records of such methods. */
  ConfigurationMapper mapper() {
    return mapper;
  }

  /**
   * Reads what {@link ConfigurationFile#resolved} said, of a study or of a plain training.
   *
   * @return the study; a plain training as the study of its one run
   */
  public StudyConfiguration readResolved(Path file) {
    YamlNode root = YamlReader.read(bytes(file), file.toString());
    return root instanceof YamlNode.Mapping mapping && mapping.get("network") != null
        ? readTraining(file, List.of()).configuration().asStudy()
        : readStudy(file, List.of()).configuration();
  }

  private <T> ConfigurationFile<T> read(Path file, List<String> overrides, Class<T> type) {
    byte[] bytes = bytes(file);
    return read(bytes, file.toString(), folder(file), overrides, type);
  }

  /**
   * The tree of a study's configuration as it is before it is bound: methods and students written
   * out, paths absolute, and no default but those of the presets.
   *
   * @param overrides each {@code KEY=VALUE}
   * @throws ConfigurationException if it cannot be read
   */
  YamlNode.Mapping studyTree(Path file, List<String> overrides) {
    byte[] bytes = bytes(file);
    return tree(bytes, file.toString(), folder(file), overrides, true);
  }

  /** Of a file that was read: the root of the file system, which has none, is no file. */
  private static Path folder(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent());
  }

  /** What a file says, as it was written. */
  public static String text(Path file) {
    return new String(bytes(file), StandardCharsets.UTF_8);
  }

  private <T> ConfigurationFile<T> read(
      byte[] bytes, String name, Path folder, List<String> overrides, Class<T> type) {
    boolean isStudy = type == StudyConfiguration.class;
    YamlNode.Mapping tree = tree(bytes, name, folder, overrides, isStudy);
    T configuration = mapper.bind(tree, type);
    return new ConfigurationFile<>(
        name,
        new String(bytes, StandardCharsets.UTF_8),
        configuration,
        mapper.toYaml(configuration));
  }

  private YamlNode.Mapping tree(
      byte[] bytes, String name, Path folder, List<String> overrides, boolean isStudy) {
    YamlNode root = YamlReader.read(bytes, name);
    if (!(root instanceof YamlNode.Mapping mapping)) {
      throw new Location(name, 1, 1)
          .problem(
              "",
              root == null
                  ? "the file is empty"
                  : "a configuration is a mapping of keys, not " + root.describe());
    }
    requireKind(mapping, isStudy);
    if (isStudy) {
      expandMethods(mapping);
    }
    Overrides.apply(mapping, overrides, catalog);
    if (isStudy) {
      expandMethods(mapping);
      normalizeStudents(mapping);
      if ("default".equals(YamlNode.text(mapping.get("comparisons")))) {
        mapping.entries().remove("comparisons");
      }
    }
    new PathsInConfiguration(name, folder).makeAbsolute(mapping);
    return mapping;
  }

  private static byte[] bytes(Path file) {
    if (Files.isDirectory(file)) {
      throw new ConfigurationException(file + " is a folder; a configuration is a YAML file");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new ConfigurationException(
          file + " is a pipe or the like, and a configuration is read more than once: name a file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(YamlReader.MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new ConfigurationException("there is no configuration file " + file, e);
    } catch (IOException e) {
      throw new ConfigurationException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private static void requireKind(YamlNode.Mapping root, boolean isStudy) {
    if (isStudy && root.entries().containsKey("network")) {
      throw root.location()
          .problem("", "this configures the training of one network: retort train reads it");
    }
    if (!isStudy && root.entries().containsKey("methods")) {
      throw root.location().problem("", "this configures a study: retort compare reads it");
    }
  }

  private void expandMethods(YamlNode.Mapping root) {
    YamlNode.Mapping.Entry methods = root.entries().get("methods");
    if (methods != null && methods.value() instanceof YamlNode.Sequence sequence) {
      root.put("methods", methods.key(), MethodExpansion.expand(sequence, catalog));
    }
  }

  /** {@code student: X} is {@code students: [X]}. */
  private static void normalizeStudents(YamlNode.Mapping root) {
    YamlNode.Mapping.Entry student = root.entries().remove("student");
    if (student == null) {
      return;
    }
    YamlNode.Mapping.Entry students = root.entries().get("students");
    if (students != null) {
      throw student
          .key()
          .problem("", "there are both student and students (" + students.key() + "); keep one");
    }
    YamlNode value = student.value();
    YamlNode list =
        value instanceof YamlNode.Sequence
            ? value
            : new YamlNode.Sequence(new ArrayList<>(List.of(value)), value.location());
    root.put("students", student.key(), list);
  }
}
