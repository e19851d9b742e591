package dev.retort.report;

import dev.retort.study.AdversaryHealth;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The curves of one discriminator of one method, and the names of their figures. */
final class DiscriminatorCurves {
  private DiscriminatorCurves() {}

  static SeedCurve teacher(StudyResults study, String student, String method, String name) {
    return curve(study, student, method, name, AdversaryHealth::pTeacher);
  }

  static SeedCurve student(StudyResults study, String student, String method, String name) {
    return curve(study, student, method, name, AdversaryHealth::pStudent);
  }

  static SeedCurve jsdLowerBound(StudyResults study, String student, String method, String name) {
    return curve(study, student, method, name, AdversaryHealth::jsdLowerBound);
  }

  static SeedCurve auc(StudyResults study, String student, String method, String name) {
    return curve(study, student, method, name, AdversaryHealth::auc);
  }

  private static SeedCurve curve(
      StudyResults study,
      String student,
      String method,
      String name,
      Function<AdversaryHealth, @Nullable Double> quantity) {
    return study.curve(
        student,
        method,
        metrics -> {
          AdversaryHealth health = metrics.adversaries().get(name);
          return health == null ? null : quantity.apply(health);
        });
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
