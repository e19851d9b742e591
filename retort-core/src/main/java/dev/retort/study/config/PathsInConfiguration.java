package dev.retort.study.config;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.retort.data.DatasetSource;
import dev.retort.system.Folders;
import dev.retort.teacher.ModelSource;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * Makes the paths in a configuration absolute, so that it means the same wherever it is read again.
 * Those in the file start from its folder, those in an override from the working folder.
 *
 * @param source the file's name, as places have it
 * @param folder the file's folder, absolute
 */
record PathsInConfiguration(String source, Path folder) {

  void makeAbsolute(YamlNode.Mapping root) {
    change(root, "data", PathsInConfiguration::data);
    if (root.get("data") instanceof YamlNode.Mapping data) {
      change(data, "source", PathsInConfiguration::data);
      change(data, "unlabelled", PathsInConfiguration::path);
    }
    change(root, "teacher", PathsInConfiguration::model);
    if (root.get("teacher") instanceof YamlNode.Mapping teacher) {
      change(teacher, "model", PathsInConfiguration::model);
      change(teacher, "classes", PathsInConfiguration::path);
    }
    if (root.get("students") instanceof YamlNode.Sequence students) {
      for (YamlNode student : students.items()) {
        if (student instanceof YamlNode.Mapping mapping) {
          change(mapping, "init", PathsInConfiguration::initialWeights);
        }
      }
    }
    if (root.get("cache") instanceof YamlNode.Mapping cache) {
      change(cache, "folder", PathsInConfiguration::path);
    }
  }

  private void change(YamlNode.Mapping mapping, String key, BiFunction<String, Path, String> rule) {
    YamlNode.Mapping.Entry entry = mapping.entries().get(key);
    String text = entry == null ? null : YamlNode.text(entry.value());
    if (entry == null || text == null) {
      return;
    }
    Location place = entry.value().location();
    if (text.isBlank()) { // it would be the folder of the file
      throw place.problem("", key + " must not be empty; leave it without a value, or out");
    }
    Path base = place.source().equals(source) ? folder : Path.of("").toAbsolutePath();
    try {
      YamlNode changed = new YamlNode.Scalar(new TextNode(rule.apply(text, base)), place);
      mapping.put(key, entry.key(), changed);
    } catch (IllegalArgumentException e) { // InvalidPathException is one
      throw place.problem("", Objects.requireNonNullElse(e.getMessage(), "it is no path"));
    }
  }

  private static String path(String text, Path base) {
    return Folders.resolve(base, text).toString();
  }

  private static String data(String text, Path base) {
    return DatasetSource.parse(text, base).toString();
  }

  private static String model(String text, Path base) {
    return ModelSource.parse(text, base).toString();
  }

  private static String initialWeights(String text, Path base) {
    boolean named =
        text.equals(StudentConfiguration.RANDOM) || text.equals(StudentConfiguration.TEACHER);
    return named ? text : model(text, base);
  }
}
