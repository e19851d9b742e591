package dev.retort.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.retort.teacher.TeacherInput;
import dev.retort.teacher.ViewComparison;
import org.jspecify.annotations.Nullable;

/**
 * The study's teacher: {@code teacher.json}. Null where not known, or not measured yet.
 *
 * @param network the name of its network, or of its file where it is external
 * @param sha256 of its weights and of all else that its outputs depend on, in hexadecimal
 * @param validationAccuracy on the study's validation images, in [0, 1], measured when it is loaded
 * @param testAccuracy on the test images, in [0, 1], measured at the study's end
 * @param parameters the number of its parameters
 * @param macs multiply-accumulates an image
 * @param view how it sees the data's images, and what of that was assumed; null where its file says
 *     it
 * @param viewComparison its accuracy under the usual views, measured once a study; null likewise
 */
public record TeacherRecord(
    String network,
    String sha256,
    @Nullable Double validationAccuracy,
    @Nullable Double testAccuracy,
    @Nullable Long parameters,
    @Nullable Long macs,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TeacherInput view,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ViewComparison viewComparison) {
  public TeacherRecord {
    StudyJson.requirePresent("network, sha256", network, sha256);
    validationAccuracy = StudyJson.finiteOrNull(validationAccuracy);
    testAccuracy = StudyJson.finiteOrNull(testAccuracy);
  }

  /** The same with its accuracy on the test images. */
  TeacherRecord withTestAccuracy(double accuracy) {
    return new TeacherRecord(
        network, sha256, validationAccuracy, accuracy, parameters, macs, view, viewComparison);
  }
}
