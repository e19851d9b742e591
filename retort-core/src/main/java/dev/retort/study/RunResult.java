package dev.retort.study;

import dev.retort.study.config.RunName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended: {@code result.json}. Null where undefined or, for a study that leaves the test
 * images unread, not measured.
 *
 * @param student the student's name in the study
 * @param method the method's name in the study
 * @param seed of the run
 * @param testAccuracy of the weights after the last epoch, in [0, 1]
 * @param agreementWithTeacher the share of test images on which student and teacher decide alike
 * @param validationAccuracy of the weights after the last epoch, in [0, 1]
 * @param seconds of training, without evaluation and checkpoints
 * @param imagesPerSecond training images a second
 * @param parameters the student's number of parameters
 * @param macs the student's multiply-accumulates an image
 * @param alarms every different complaint of the run
 * @param environment the study's file that says where the run ended; null in records of earlier
 *     builds
 */
public record RunResult(
    String student,
    String method,
    long seed,
    @Nullable Double testAccuracy,
    @Nullable Double agreementWithTeacher,
    @Nullable Double validationAccuracy,
    double seconds,
    double imagesPerSecond,
    long parameters,
    long macs,
    List<String> alarms,
    @Nullable String environment) {
  public RunResult {
    testAccuracy = share("testAccuracy", testAccuracy);
    agreementWithTeacher = share("agreementWithTeacher", agreementWithTeacher);
    validationAccuracy = share("validationAccuracy", validationAccuracy);
    if (student == null || method == null) {
      throw new IllegalArgumentException("a result names its student and its method");
    }
    alarms = alarms == null ? List.of() : List.copyOf(alarms);
  }

  private static @Nullable Double share(String key, @Nullable Double value) {
    Double finite = StudyJson.finiteOrNull(value);
    if (finite != null && !(finite >= 0 && finite <= 1)) {
      throw new IllegalArgumentException(key + " must be a fraction in [0, 1], not " + finite);
    }
    return finite;
  }

  /** The run that ended so. */
  public RunName run() {
    return new RunName(student, method, seed);
  }
}
