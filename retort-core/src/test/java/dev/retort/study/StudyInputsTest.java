package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.LogLines;
import dev.retort.engine.Precision;
import dev.retort.system.CodeDigest;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** A study goes on with what it was begun with. */
@NullUnmarked
class StudyInputsTest extends PlannedStudy {
  @Test
  void otherDataOrAnotherTeacherThanAtTheBeginningAreRefused() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    StudyInputs inputs = study.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    assertThat(study.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32))
        .isEqualTo(inputs);
    assertThat(inputs.configuration()).hasSize(64);
    assertThat(inputs.source()).matches("[0-9a-f]{64}").isEqualTo(CodeDigest.ofRetort());
    assertThatThrownBy(() -> study.inputs().record(SIZES, "d2", "t1", Map.of(), Precision.FP32))
        .isInstanceOf(StudyRecordException.class)
        .hasMessage(
            "the data are not what "
                + out()
                + " was begun with (SHA-256 then d1, now d2): bring that file back, or begin in"
                + " another folder");
    assertThatThrownBy(() -> study.inputs().record(SIZES, "d1", "t2", Map.of(), Precision.FP32))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith("the teacher is not what");
  }

  /** A network's digest depends on it. */
  @Test
  void anotherPrecisionIsNamedBeforeTheTeacherThatItChanges() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    study.inputs().record(SIZES, "d1", "in bf16", Map.of(), Precision.BF16);
    assertThatThrownBy(
            () -> study.inputs().record(SIZES, "d1", "in fp32", Map.of(), Precision.FP32))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageEndingWith("go on with -o training.precision=bf16");
  }

  /** Else its students might be measured on images that they learnt from. */
  @Test
  void whatIsMeasuredLaterIsWhatTheStudyWasBegunWith() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    study.inputs().requireData("d2"); // nothing is on record
    study.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.BF16);
    study.inputs().requireData("d1");
    assertThatThrownBy(() -> study.inputs().requireData("d2"))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith("the data are not what");
    study.environmentFiles().record(Environment.read());
    study
        .inputs()
        .requireTeacher(precision -> precision == Precision.BF16 ? "t1" : "in another precision");
    assertThatThrownBy(() -> study.inputs().requireTeacher(precision -> "t2"))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith("the teacher is not what");
  }

  /** A network's digest is the same there: what a study cost to serve may be measured elsewhere. */
  @Test
  void theTeacherIsComparedOnAnotherProcessorToo() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    study.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    study.environmentFiles().record(RegisteredSeedsTest.environment("another", null, null));
    study.inputs().requireTeacher(precision -> "t1");
    assertThatThrownBy(() -> study.inputs().requireTeacher(precision -> "t2"))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith("the teacher is not what");
  }

  /** Results of two versions of a loss of one's own would stand in one table. */
  @Test
  void otherCodeOfOnesOwnThanAtTheBeginningIsWarnedOf() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.write(own.resolve("Loss.class"), new byte[] {1});
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    List<String> unchanged;
    List<String> said;
    try (URLClassLoader extended = new URLClassLoader(new URL[] {own.toUri().toURL()}, before)) {
      thread.setContextClassLoader(extended);
      Runnable open = () -> study.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32);
      open.run();
      unchanged = LogLines.of(StudyInputs.class, open);
      Files.write(own.resolve("Loss.class"), new byte[] {2});
      said = LogLines.of(StudyInputs.class, open);
    } finally {
      thread.setContextClassLoader(before);
    }

    assertThat(unchanged).isEmpty();
    assertThat(said)
        .singleElement(STRING)
        .startsWith(out() + " was begun with other code of your own (--classpath)");
  }

  @Test
  void otherInitialWeightsThanAtTheBeginningAreRefused() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    Map<String, String> begun = Map.of("resnet8", "w1");
    StudyInputs inputs = study.inputs().record(SIZES, "d1", "t1", begun, Precision.FP32);
    assertThat(study.inputs().record(SIZES, "d1", "t1", begun, Precision.FP32)).isEqualTo(inputs);
    Map<String, String> other = Map.of("resnet8", "w2");
    assertThatThrownBy(() -> study.inputs().record(SIZES, "d1", "t1", other, Precision.FP32))
        .isInstanceOf(StudyRecordException.class)
        .hasMessage(
            "the initial weights of resnet8 are not what "
                + out()
                + " was begun with (SHA-256 then w1, now w2): bring that file back, or begin in"
                + " another folder");
  }

  @Test
  void inputsWithoutInitialWeightsAreThoseOfEarlierBuilds() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    StudyInputs inputs = study.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    assertThat(new ObjectMapper().readTree(out().resolve("inputs.json").toFile()).fieldNames())
        .toIterable()
        .containsExactly(
            "dataset", "data", "teacher", "precision", "configuration", "source", "registered");
    // An earlier build began a study of a student that starts from a model.
    Map<String, String> unknown = Map.of("resnet8", "w1");
    List<String> said =
        LogLines.of(
            StudyInputs.class,
            () ->
                assertThat(study.inputs().record(SIZES, "d1", "t1", unknown, Precision.FP32))
                    .isEqualTo(inputs));
    assertThat(said)
        .containsExactly(
            out()
                + " does not record the initial weights of resnet8: whether they have changed is"
                + " unknown");
  }
}
