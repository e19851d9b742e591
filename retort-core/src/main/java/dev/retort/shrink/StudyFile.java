package dev.retort.shrink;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.retort.data.Splits;
import dev.retort.engine.AtomicFile;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.DataConfiguration;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TeacherConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
   * The data and the teacher that changes name, in a study of nothing.
   *
   * @param changes each {@code KEY=VALUE}; relative paths start from the working folder
   * @throws dev.retort.study.config.ConfigurationException if one makes no sense
   */
  static StudyConfiguration asked(List<String> changes) throws IOException {
    Path file = Files.createTempFile("retort-shrink", ".yaml");
    try {
      Files.writeString(file, UNDECIDED);
      return ConfigurationReader.standard().readStudy(file, changes).configuration();
    } finally {
      Files.delete(file);
    }
  }

  /**
   * Writes the file.
   *
   * @param asked data and teacher, as {@link #asked} has them
   * @param data the same, open
   * @param students the networks' names
   * @param why they were chosen, in a sentence
   * @param changes of the user's own, which the file has in it
   */
  static void write(
      Path file,
      StudyConfiguration asked,
      Splits data,
      List<String> students,
      String why,
      List<String> changes)
      throws IOException {
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
                Recipe.of(data.train().size(), pictures).yaml());
    write(file, text);
    if (!changes.isEmpty()) {
      String resolved = ConfigurationReader.standard().readStudy(file, changes).resolved();
      write(file, "# Written by retort shrink. %s\n%s".formatted(why, resolved));
    }
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** JSON's quotes are YAML's, too. */
  static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }
}
