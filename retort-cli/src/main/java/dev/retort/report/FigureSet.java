package dev.retort.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** All figures that a study's results allow, each with a name of its own. */
final class FigureSet {
  private FigureSet() {}

  /** What the models cost to serve, then student by student. */
  static List<Figure> of(StudyResults study) {
    List<Figure> figures = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    List<String> students = study.plan().students();
    ServingFigure.of(study).stream().peek(figure -> taken.add(figure.name())).forEach(figures::add);
    for (String student : students) {
      for (Figure figure : ofStudent(study, student)) {
        String name = students.size() == 1 ? figure.name() : figure.name() + "-" + student;
        figures.add(figure.named(unique(fileName(name), taken)));
      }
    }
    return figures;
  }

  /**
   * The talk's figures come first where there is an adversary, and those of many panels, which are
   * wide, last. Where discriminators only watch, what they say comes after the accuracies.
   */
  private static List<Figure> ofStudent(StudyResults study, String student) {
    DiscriminatorFigures discriminators = new DiscriminatorFigures(study, student);
    List<Figure> probabilities = discriminators.probabilities();
    boolean adversarial =
        study.plan().methods().stream().anyMatch(method -> study.isAdversarial(student, method));
    List<Figure> others =
        Stream.of(
                LengthFigure.of(study, student),
                ValidationFigures.of(study, student),
                AccuracyFigure.of(study, student),
                probabilities.stream()
                    .filter(f -> !adversarial || !f.name().equals("probability"))
                    .toList(),
                discriminators.divergences(),
                discriminators.rankings())
            .flatMap(List::stream)
            .toList();
    return Stream.of(
            probabilities.stream().filter(f -> adversarial && f.name().equals("probability")),
            others.stream().filter(f -> !f.isWide()),
            others.stream().filter(Figure::isWide))
        .flatMap(group -> group)
        .toList();
  }

  /** Names come from configurations; a file's name, and an id, is made of plain characters only. */
  private static String fileName(String name) {
    return name.replaceAll("[^A-Za-z0-9._-]+", "-");
  }

  private static String unique(String name, Set<String> taken) {
    String candidate = name;
    for (int i = 2; !taken.add(candidate); i++) {
      candidate = name + "-" + i;
    }
    return candidate;
  }
}
