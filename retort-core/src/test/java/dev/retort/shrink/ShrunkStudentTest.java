package dev.retort.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.retort.data.Augmentation;
import dev.retort.data.Splits;
import dev.retort.engine.TensorScope;
import dev.retort.export.TemperatureScaling;
import dev.retort.onnx.OnnxModel;
import dev.retort.optimization.Schedule;
import dev.retort.study.NoiseImages;
import dev.retort.study.ServingRecord;
import dev.retort.study.Study;
import dev.retort.study.StudyFolder;
import dev.retort.study.StudyListener;
import dev.retort.study.Summary;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.system.FolderLock;
import dev.retort.teacher.TeacherInput;
import dev.retort.teacher.TeacherView;
import dev.retort.teacher.ViewComparison;
import dev.retort.training.StopRequest;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a study of two students to the file, and from limits to the study. */
@NullUnmarked
class ShrunkStudentTest {
  private static final JsonMapper JSON = new JsonMapper();

  private static final Splits DATA = NoiseImages.splits(List.of("a", "<b>"), 40);

  @TempDir Path folder;

  @Test
  void theFileAndTheCardAreThoseOfTheBestOfTheStudy() throws IOException {
    Path out = folder.resolve("study");
    Summary summary =
        Study.of(
                Map.of(
                    "data", Map.of("source", "cifar10-mini", "size", 8, "resize", 10),
                    "students", List.of("resnet8", "wrn_16_1"),
                    "training",
                        Map.of("epochs", 1, "batchSize", 8, "precision", "fp32", "threads", 1),
                    "seeds", List.of(1),
                    "methods", List.of("cross-entropy"),
                    "serving", Map.of("threads", 1)))
            .data(DATA)
            .patience(Duration.ZERO)
            .run(out);
    // One second an image, which both meet, and a file of 500 kB, which only resnet8's is.
    Budget budget = new Budget(1, 500_000L);
    File ofTeacher = out.resolve("teacher.json").toFile();
    JSON.writeValue(ofTeacher, new TeacherRecord("a teacher", "abc", 0.9, 0.8, 1L, 1L, null, null));

    ShrunkStudent student =
        ShrunkStudent.write(StudyFolder.open(out), DATA, budget, null, folder, new StopRequest());
    ModelCard.write(StudyFolder.open(out), DATA, student, budget, null, folder);

    assertThat(student.outcomes())
        .extracting(Outcome::student)
        .containsExactly("resnet8", "wrn_16_1");
    assertThat(student.best().student()).isEqualTo("resnet8");
    double accuracy = summary.methods().get(0).testAccuracy().get(0);
    assertThat(student.best().accuracy()).isCloseTo(accuracy, within(1e-9));
    assertThat(student.best().difference()).isCloseTo(accuracy - 0.8, within(1e-9));
    assertThat(student.best().validationDifference())
        .isCloseTo(summary.methods().get(0).validationAccuracy().get(0) - 0.9, within(1e-9));
    ServingRecord serving = StudyFolder.open(out).serving().orElseThrow();
    ServingRecord.Model served = serving.ofStudent("resnet8", "fp32").orElseThrow();
    assertThat(student.best().p50())
        .as("in seconds, of a small network and images of 8 x 8")
        .isCloseTo(served.p50Milliseconds() / 1000, within(1e-12))
        .isLessThan(0.05);
    assertThat(student.best().bytes()).isEqualTo(Files.size(folder.resolve("student.onnx")));
    assertThat(OnnxModel.read(folder.resolve("student.onnx")).metadata())
        .containsEntry("resize", "10");
    assertThat(student.misses()).isEmpty();
    assertThat(student.calibration().fittedOn()).as("validation images").isEqualTo(16);
    assertThat(student.calibration().measuredOn()).as("test images").isEqualTo(40);
    ShrunkStudent.WholeFile file = student.wholeFile();
    assertThat(file.timing().calls()).isGreaterThanOrEqualTo(1000);
    assertThat(file.overNetwork().value()).as("it does more than the network").isGreaterThan(1);
    assertThat(file.ofPhotograph().p50())
        .as("of 307,200 pixels in the place of 100")
        .isGreaterThan(2 * file.timing().p50());
    assertThat(Files.readString(folder.resolve("model-card.md")))
        .startsWith("# student.onnx: resnet8\n")
        .contains("24 images to train on, 16 to choose by, 40 to test on")
        .contains(
            "| 40 test | " + String.format(Locale.ROOT, "%.2f", 100 * student.best().accuracy()))
        .contains("**Limits** (p50 1000.0 ms, file 500 kB): met")
        .contains(
            "scales the pictures to cover 10 x 10 pixels (width x height), and cuts out 8 x 8")
        .as("a class that Markdown would take for HTML")
        .contains("in 2 classes (a, \\<b>)")
        .contains("with its preprocessing, pictures of 10 x 10 |")
        .contains("with its preprocessing, pictures of 640 x 480 |")
        .contains("in 0 of 40 decisions")
        .doesNotContain("was chosen by its validation accuracy", "Assumed", "timed on another");
    try (TensorScope scope = TensorScope.open()) {
      assertThat(
              CandidateCosts.wholeFile(
                  UntrainedNetwork.create("resnet8", DATA), DATA, 10, "a teacher"))
          .isBetween(student.best().bytes(), student.best().bytes() + 200);
    }
    // Of 40 images it gains 2 and loses 8. With half an image more in each of the four cells, as
    // Agresti and Min 2005 have it, d = (2.5 − 8.5) / 42 = −0.14286 has the variance
    // ((2.5 + 8.5) / 42 − d²) / 42 = 0.07583², and the interval is d ± 1.95996 · 0.07583.
    File ofServing = out.resolve("serving.json").toFile();
    JsonNode compared = JSON.readTree(ofServing);
    ((ObjectNode) compared.at("/models/0")).put("gained", 2).put("lost", 8);
    JSON.writeValue(ofServing, compared);
    ModelCard.write(StudyFolder.open(out), DATA, student, new Budget(1, null), null, folder);
    assertThat(folder.resolve("model-card.md"))
        .content()
        .contains("\nThe student was chosen by its validation accuracy, which may be too high")
        .contains(" (-29.15 … +0.58) |");

    // The same student under limits that nothing meets: a nanosecond, a kilobyte, and no loss
    // against a teacher whose accuracy is unknown. Candidates and file were timed under other
    // conditions, the temperature is a bad one, and what is on record of a teacher says little.
    Candidate other = new Candidate("resnet14", 1L, 1, null);
    new CostsRecord(
            Map.of("p50", "1 s"),
            new CandidateCosts(null, List.of(other), Map.of(), 0.0, "Another processor"))
        .write(folder);
    TeacherInput seen =
        new TeacherInput(
            NoiseImages.SHAPE,
            NoiseImages.SHAPE,
            null,
            TeacherView.Layout.NCHW,
            TeacherView.Channels.RGB,
            List.of(0.5, 0.5, 0.5),
            List.of(0.5, 0.5, 0.5),
            List.of("mean", "std"));
    ViewComparison views =
        new ViewComparison(
            16,
            List.of(
                new ViewComparison.Candidate("the data's", Map.of(), 0.5, null),
                new ViewComparison.Candidate("0 … 255", Map.of(), 0.9, 0.2)),
            "0 … 255");
    JSON.writeValue(
        ofTeacher, new TeacherRecord("a teacher", "abc", 0.5, 0.5, 1L, 1L, seen, views));
    Outcome best = student.best();
    Outcome alone =
        new Outcome(
            best.student(),
            best.p50(),
            best.bytes(),
            best.validationAccuracy(),
            null,
            best.accuracy(),
            null);
    Budget tight = new Budget(1e-9, 1000L);
    List<String> misses = alone.misses(tight, 0.0, "test");
    ShrunkStudent missing =
        new ShrunkStudent(
            student.outcomes(),
            alone,
            misses,
            student.parity(),
            new TemperatureScaling(0.5, 16, 40, 0.1, 0.2),
            null,
            new ShrunkStudent.WholeFile(
                file.timing(), file.overNetwork(), file.ofPhotograph(), 7.04));
    ModelCard.write(StudyFolder.open(out), DATA, missing, tight, 0.0, folder);

    assertThat(misses).hasSize(3);
    assertThat(Files.readString(folder.resolve("model-card.md")))
        .contains(
            "\nNo student met the limits when they were timed again. This one exceeds them least,"
                + " whatever its accuracy.\nThe test images had no say,")
        .contains(", file 1 kB, loss 0 points): missed: its p50, measured again, is ")
        .contains("; its file takes ")
        .contains("; the teacher's accuracy on test images is unknown, and so is what it loses.\n")
        .contains("- **Assumed of the teacher**, as neither", ": mean, std are the data's own.")
        .contains("in another view (0 … 255) than in the one that it had (the data's).")
        .contains("The rows with preprocessing were timed apart. Other processes took 7.0 cores")
        .contains("- timed on another processor than the student: Another processor\n")
        .contains("\nThe calibration error is larger with the temperature than without.")
        .doesNotContain("which may be too high for that reason");
    assertThat(missing.notes())
        .anyMatch(note -> note.startsWith("student.onnx was timed last. Other processes took 7.0"))
        .last()
        .isEqualTo(missing.miscalibration());
  }

  @Test
  void theStudysFileHasTheRecipeAndWhatWasChanged() throws IOException {
    List<String> data = List.of("data=cifar10-mini", "teacher=bundled:cifar10");
    StudyConfiguration asked = StudyFile.asked(data);
    List<String> students = List.of("resnet8", "resnet14");
    List<String> changes = List.of("training.epochs=3", "training.schedule.one-cycle.peak=0.3");

    StudyConfiguration study = read(StudyFile.text(asked, DATA, students, "Why.", List.of()));
    StudyConfiguration changed = read(StudyFile.text(asked, DATA, students, "Why.", changes));

    assertThat(study.students()).extracting(student -> student.name()).isEqualTo(students);
    assertThat(study.teacher()).isEqualTo(asked.teacher());
    assertThat(study.data()).isEqualTo(asked.data());
    assertThat(study.methods()).extracting(method -> method.name()).containsExactly("ttm");
    assertThat(study.training().epochs()).isEqualTo(100); // of 24 images
    assertThat(study.views()).isEqualTo(10);
    assertThat(study.training().schedule()).isEqualTo(Schedule.OneCycle.STANDARD);
    assertThat(study.training().augmentation())
        .as("of arrays of pixels")
        .isEqualTo(Augmentation.STANDARD);
    assertThat(changed.training().epochs()).isEqualTo(3);
    assertThat(changed.training().schedule()).isEqualTo(new Schedule.OneCycle(0.3, 0));
    assertThat(changed.students()).isEqualTo(study.students());
  }

  /** Timing all candidates takes minutes. */
  @Test
  void aChangeThatMakesNoSenseIsRefusedBeforeAnythingIsTimedAndLeavesTheFolderFree() {
    Path out = folder.resolve("shrunk");
    Shrink shrink =
        new Shrink(
            "bundled:cifar10",
            "cifar10-mini",
            null,
            new Budget(1e-6, null),
            null,
            1,
            Set.of(),
            List.of("training.schedule.cosine.warmUp=5"));

    assertThatThrownBy(() -> shrink.run(out))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("warmUp is a share");
    assertThat(out).doesNotExist();
  }

  /** It would overwrite the costs and the study that the first one goes by. */
  @Test
  void aSecondOneInTheSameFolderIsRefused() throws IOException {
    Path out = folder.resolve("shrunk");
    Shrink shrink = new Shrink("bundled:cifar10", "cifar10-mini", new Budget(1, null));
    try (FolderLock first = FolderLock.tryLock(out)) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> shrink.run(out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("another process works on " + out);
    }
    assertThat(out.toFile().list()).containsExactly(FolderLock.FILE);
  }

  @Test
  void nothingIsWrittenOfAStudyWhoseRunsWereNeverDone() {
    Shrink shrink = new Shrink("bundled:cifar10", "cifar10-mini", new Budget(1, null));
    Study.of(
            Map.of(
                "data", "cifar10-mini",
                "students", List.of("resnet8"),
                "training", Map.of("epochs", 1),
                "seeds", List.of(1),
                "methods", List.of("cross-entropy")))
        .begin(Shrink.studyFolder(folder));

    assertThatThrownBy(() -> shrink.write(folder, new StudyListener() {}, new StopRequest()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("1 of 1 runs are still to be done: resnet8-cross-entropy-seed1");
  }

  private StudyConfiguration read(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("study.yaml"), text);
    return ConfigurationReader.standard().readStudy(file, List.of()).configuration();
  }
}
