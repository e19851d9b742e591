package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.RunResult;
import dev.retort.study.Trial;
import dev.retort.study.Tuning;
import dev.retort.study.TuningFolder;
import dev.retort.study.config.RunName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jfree.chart.plot.XYPlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a search: three trials, of which the first two reach 0.5 and 0.7. */
class TuningReportTest {
  @TempDir Path folder;

  private TuningFolder begin() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("tune.yaml"),
            """
            data: cifar10-mini
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 4}
            methods: [hinton]
            tune:
              trials: 3
              confirm: {best: 1, seeds: []}
              space: {hinton: {hinton.weight: {log: [0.1, 10]}}}
            """);
    TuningFolder search =
        TuningFolder.begin(folder.resolve("out"), Tuning.read(file, List.of()), false);
    search.searchStudy().begin(search.search());
    finish(search.search(), 1, 0.5);
    finish(search.search(), 2, 0.7);
    return search;
  }

  private static RunName run(int trial) {
    return new RunName("resnet8", "hinton-0" + trial, 101);
  }

  private static void finish(Path search, int trial, double accuracy) throws IOException {
    Path run = Files.createDirectories(search.resolve("runs/" + run(trial)));
    RunResult result =
        new RunResult(
            "resnet8", run(trial).method(), 101, null, null, accuracy, 5, 1, 1, 1, List.of(), null);
    new ObjectMapper().writeValue(run.resolve("result.json").toFile(), result);
  }

  @Test
  void ofASearchThatGoesOnTheRunsAreShownAndNoTrialIsSaidToHaveDiverged() throws IOException {
    TuningFolder search = begin();
    LivePage.Progress begun = new LivePage.Progress(run(3), "begun", 1, 4, 9.0);
    TuningReport.write(
        search, new LivePage.Live(List.of(begun), Instant.EPOCH, Duration.ofSeconds(10)));
    assertThat(folder.resolve("out/report.html"))
        .content()
        .contains(
            "resnet8-hinton-03-seed101",
            "begun",
            "1 of 4",
            "70.00",
            "const version = \"1970-01-01T00:00:00Z\"")
        .doesNotContain("diverged", "expected-best");
    TuningReport.write(search);
    assertThat(folder.resolve("out/report.html"))
        .content()
        .contains("The search is not done")
        .doesNotContain("<script", "Chosen settings", "ring: chosen", "retort compare");
  }

  @Test
  void theFinishedPageHasTheChoiceTheFiguresAndTheStudy() throws IOException {
    TuningFolder search = begin();
    Path third = Files.createDirectories(search.search().resolve("runs/" + run(3)));
    Files.writeString(
        third.resolve("diverged.json"),
        """
        {"student": "resnet8", "method": "hinton-03", "seed": 101, "reason": "not finite"}
        """);
    assertThat(TuningFolder.isDone(search.searchStudy(), search.search())).isTrue();
    assertThat(search.chooseBest()).as("whether more seeds are to be done").isFalse();
    List<Trial> trials = search.finish();

    TuningReport.write(search);

    assertThat(trials).extracting(Trial::chosen).containsExactly(false, true, false);
    assertThat(folder.resolve("out/report.html"))
        .content()
        .contains("the best one of hinton reaches 70.00 %", "<strong>70.00</strong>")
        .contains("<td class=\"number\">diverged</td>", "1 trial diverged")
        .contains(
            "In the folder above that of this page:",
            "retort compare out/tuned.yaml --out out-compared",
            "budget:");
    Figure best = TuningFigures.of(new TuningResults(search.tuning(), trials, true)).get(0);
    XYPlot plot = (XYPlot) best.chart().apply(Theme.LIGHT).getPlot();
    // Of 0, 0.5 and 0.7: 1.2 / 3, (3 · 0.5 + 5 · 0.7) / 9, (7 · 0.5 + 19 · 0.7) / 27.
    for (int k = 1; k <= 3; k++) {
      double expected = List.of(1.2 / 3, 5.0 / 9, 16.8 / 27).get(k - 1);
      assertThat(plot.getDataset().getYValue(0, k - 1)).isCloseTo(expected, within(1e-12));
    }
  }
}
