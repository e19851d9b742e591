package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.study.StudyFolder;
import dev.retort.study.config.RunName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a study that still runs. */
class LivePageTest {
  @TempDir Path folder;

  @Test
  void saysHowFarEachRunIsAndReloadsUntilTheFinishedPageTakesItsPlace() throws IOException {
    SyntheticStudy.demo(folder);
    RunName done = new RunName("resnet8", "hinton", 1);
    RunName begun = new RunName("resnet8", "hinton", 2);
    RunName left = new RunName("resnet8", "hinton", 9);
    Path run = folder.resolve("runs").resolve(begun.toString());
    Files.delete(run.resolve("result.json"));
    Path metrics = run.resolve("metrics.jsonl");
    List<String> epochs = Files.readAllLines(metrics);
    Files.write(metrics, epochs.subList(0, 4));
    StudyFolder study = StudyFolder.open(folder);
    StudyResults results = StudyResults.read(study, study.summarize());

    var progress = LivePage.progress(results, List.of(done, begun, left), epochs.size());

    assertThat(progress)
        .extracting(LivePage.Progress::state)
        .containsExactly("done", "begun", "not begun");
    assertThat(progress.get(1).epochs()).isEqualTo(4);
    // The last epoch took 1.5 s, and the other eight take as long each.
    assertThat(progress.get(1).secondsLeft()).isEqualTo(12.0);
    Report.write(results, new LivePage.Live(progress, Instant.EPOCH, Duration.ofSeconds(10)));
    assertThat(Files.readString(folder.resolve("report.html")))
        .contains(
            "const version = \"1970-01-01T00:00:00Z\"",
            "resnet8-hinton-seed9",
            "not begun",
            "location.reload()",
            "}, 10000);")
        .doesNotContain("This report is incomplete");
    Report.write(study, study.summarize());
    assertThat(Files.readString(folder.resolve("report.html")))
        .doesNotContain("<script", "not begun")
        .contains("This report is incomplete");
  }

  /** A reader must not wait for a study whose process has been stopped. */
  @Test
  void ofAStudyThatIsLeftUnfinishedTheLastPageHasNoScript() throws Exception {
    SyntheticStudy.demo(folder);
    RunName left = new RunName("resnet8", "hinton", 2);
    Files.delete(folder.resolve("runs/" + left + "/result.json"));

    Path file = folder.resolve("report.html");
    LivePage.Pace quick = new LivePage.Pace(Duration.ofMillis(20), 1, Duration.ofSeconds(1));
    try (LivePage page = LivePage.follow(folder, List.of(left), 12, quick)) {
      for (int i = 0; i < 3000 && !Files.exists(file); i++) {
        Thread.sleep(10);
      }
      assertThat(Files.readString(file)).contains("<script");
    }

    assertThat(Files.readString(file))
        .contains("This report is incomplete", "have no result: " + left)
        .doesNotContain("<script", "Runs are being done");
  }

  @Test
  void aRunThatHasDivergedKeepsTheEpochsBehindIt() throws IOException {
    SyntheticStudy.demo(folder);
    RunName diverged = new RunName("resnet8", "hinton", 2);
    Path run = SyntheticStudy.diverge(folder, diverged.toString());
    Path metrics = run.resolve("metrics.jsonl");
    Files.write(metrics, Files.readAllLines(metrics).subList(0, 3));

    assertThat(LivePage.progress(SyntheticStudy.read(folder), List.of(diverged), 12))
        .containsExactly(new LivePage.Progress(diverged, "diverged", 3, 12, null));
  }

  /** As of a command that is refused: the study may be another process's. */
  @Test
  void aStudyThatWasNotFollowedKeepsThePageThatItHas() throws IOException {
    SyntheticStudy.demo(folder);
    Path file = Files.writeString(folder.resolve("report.html"), "another's");
    LivePage.follow(folder, List.of(), 12).close();
    assertThat(file).hasContent("another's");
  }

  /** Where nothing has begun there is nothing to write, and the end is not waited for. */
  @Test
  void aStudyThatHasNotBegunHasNoPage() {
    LivePage.follow(folder, List.of(), 1).close();
    assertThat(folder.resolve("report.html")).doesNotExist();
  }
}
