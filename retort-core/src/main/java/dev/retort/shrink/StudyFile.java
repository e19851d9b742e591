package dev.retort.shrink;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.retort.data.Splits;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.DataConfiguration;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TeacherConfiguration;
import java.util.List;
import java.util.Objects;

/** The configuration of the study that trains the shortlisted candidates. */
final class StudyFile {
  /** What stands for the students before they are known. */
  private static final String UNDECIDED =
      """
      data: cifar10-mini
      student: resnet8
      training: {epochs: 1}
      methods: [cross-entropy]
      """;

  private StudyFile() {}

  /**
   * The data and the teacher that overrides name, in a study of nothing.
   *
   * @param overrides each {@code KEY=VALUE}; relative paths start from the working folder
   * @throws dev.retort.study.config.ConfigurationException if one makes no sense
   */
  static StudyConfiguration asked(List<String> overrides) {
    return changed(UNDECIDED, overrides).configuration();
  }

  /** The study that a text of {@link #text} is the configuration of. */
  static ConfigurationFile<StudyConfiguration> read(String text) {
    return changed(text, List.of());
  }

  private static ConfigurationFile<StudyConfiguration> changed(
      String text, List<String> overrides) {
    try {
      return ConfigurationReader.standard().readStudy(text, overrides);
    } catch (ConfigurationException e) {
      // Nobody has written the text, so a place in it tells nothing.
      throw new ConfigurationException(
          String.valueOf(e.getMessage()).replaceFirst("^configuration(:\\d+)*: ", ""), e);
    }
  }

  /**
   * The file's text.
   *
   * @param asked data and teacher, as {@link #asked} has them
   * @param data the same, open
   * @param students the networks' names
   * @param why they were chosen, in a sentence
   * @param overrides of the user's own, which the file has in it
   * @throws dev.retort.study.config.ConfigurationException if one makes no sense
   */
  static String text(
      StudyConfiguration asked,
      Splits data,
      List<String> students,
      String why,
      List<String> overrides) {
    DataConfiguration source = asked.data();
    TeacherConfiguration teacher = Objects.requireNonNull(asked.teacher());
    String spelled = source.source();
    boolean pictures = data.validation().decodes();
    String text =
        """
        # Written by retort shrink. %s
        # More seeds or other methods: change them, and retort compare THIS-FILE --out OTHER-FOLDER
        data: {source: %s%s}
        teacher: %s
        students: [%s]
        %sseeds: [1]
        observer: false
        serving: {threads: 1}
        """
            .formatted(
                why,
                quoted(spelled),
                source.size() == null ? "" : ", size: " + source.size(),
                quoted(teacher.model()),
                String.join(", ", students),
                Recipe.of(data.train().size(), data.classes().size(), pictures).yaml());
    return overrides.isEmpty()
        ? text
        : "# Written by retort shrink. %s\n%s"
            .formatted(why, changed(text, overrides).resolved().replace(NO_COMPARISONS, ""));
  }

  /** What the one method has; who adds others wants the default ones. */
  private static final String NO_COMPARISONS = "comparisons: []\n";

  /** JSON's quotes are YAML's, too. */
  static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }
}
