package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.study.StudyFolder;
import dev.retort.study.config.RunName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    RunName running = new RunName("resnet8", "hinton", 2);
    RunName waiting = new RunName("resnet8", "hinton", 9);
    Path run = folder.resolve("runs").resolve(running.toString());
    Files.delete(run.resolve("result.json"));
    Path metrics = run.resolve("metrics.jsonl");
    List<String> epochs = Files.readAllLines(metrics);
    Files.write(metrics, epochs.subList(0, 4));
    StudyFolder study = StudyFolder.open(folder);
    StudyResults results = StudyResults.read(study, study.summarize());

    var progress = LivePage.progress(results, List.of(done, running, waiting), epochs.size());

    assertThat(progress)
        .extracting(LivePage.Progress::state)
        .containsExactly("done", "running", "waiting");
    assertThat(progress.get(1).epochs()).isEqualTo(4);
    // Four epochs took so long, and all others take as long each.
    double seconds = results.runs("resnet8", "hinton").get(1).epochs().get(3).seconds();
    assertThat(progress.get(1).secondsLeft()).isEqualTo(seconds / 4 * (epochs.size() - 4));
    Report.write(results, new LivePage.Live(progress, "v1", Duration.ofSeconds(10)));
    assertThat(Files.readString(folder.resolve("report.html")))
        .contains(
            "const version = \"v1\"",
            "resnet8-hinton-seed9",
            "waiting",
            "location.reload()",
            "}, 10000);")
        .doesNotContain("This report is incomplete");
    Report.write(study, study.summarize());
    assertThat(Files.readString(folder.resolve("report.html")))
        .doesNotContain("<script", "waiting")
        .contains("This report is incomplete");
  }

  /** Where nothing has begun there is nothing to write, and the end is not waited for. */
  @Test
  void aStudyThatHasNotBegunHasNoPage() {
    LivePage.follow(folder, List.of(), 1).close();
    assertThat(folder.resolve("report.html")).doesNotExist();
  }
}
