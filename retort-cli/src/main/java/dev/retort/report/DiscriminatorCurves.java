package dev.retort.report;

import java.util.Map;

/** The curves of one discriminator of one method, and the names of their figures. */
final class DiscriminatorCurves {
  private DiscriminatorCurves() {}

  static SeedCurve teacher(StudyResults study, String student, String method, String name) {
    return curve(study, student, method, name, "pTeacher");
  }

  static SeedCurve student(StudyResults study, String student, String method, String name) {
    return curve(study, student, method, name, "pStudent");
  }

  static SeedCurve jsdLowerBound(StudyResults study, String student, String method, String name) {
    return curve(study, student, method, name, "jsdLowerBound");
  }

  static SeedCurve auc(StudyResults study, String student, String method, String name) {
    return curve(study, student, method, name, "auc");
  }

  private static SeedCurve curve(
      StudyResults study, String student, String method, String name, String figure) {
    return study.curve(
        student, method, metrics -> metrics.adversaries().getOrDefault(name, Map.of()).get(figure));
  }

  /** What a discriminator reads: its name, without the mark of an observer. */
  static String representation(String discriminator) {
    return StudyResults.isObserver(discriminator)
        ? discriminator.substring("observer:".length())
        : discriminator;
  }

  /** The talk's figures are of logits and have the plain name. */
  static String fileName(String stem, String representation) {
    return representation.equals("logits") ? stem : stem + "-" + representation;
  }
}
