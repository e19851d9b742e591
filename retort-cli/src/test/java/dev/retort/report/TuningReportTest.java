package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.report.TuningText.TrialRow;
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
import java.util.Objects;
import java.util.stream.IntStream;
import org.jfree.chart.plot.XYPlot;
import org.jfree.data.xy.XYDataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page of a search; mostly of three trials, of which the first two reach 0.5 and 0.7. */
class TuningReportTest {
  @TempDir Path folder;

  private TuningFolder begin() throws IOException {
    TuningFolder search = begin("[hinton]", 3, "");
    finish(search.search(), run(1), 0.5);
    finish(search.search(), run(2), 0.7);
    return search;
  }

  /** A search whose best trials get more seeds; of hinton, the weight alone is varied. */
  private TuningFolder begin(String methods, int trials, String moreSeeds) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("tune.yaml"),
            """
            data: cifar10-mini
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 4}
            methods: %s
            tune:
              trials: %d
              confirm: {best: 1, seeds: [%s]}
              space: {hinton: {hinton.weight: {log: [0.1, 10]}}}
            """
                .formatted(methods, trials, moreSeeds));
    TuningFolder search =
        TuningFolder.begin(folder.resolve("out"), Tuning.read(file, List.of()), false);
    search.searchStudy().begin(search.search());
    return search;
  }

  private static RunName run(int trial) {
    return new RunName("resnet8", "hinton-0" + trial, 101);
  }

  private static void finish(Path study, RunName name, double accuracy) throws IOException {
    Path run = Files.createDirectories(study.resolve("runs/" + name));
    RunResult result =
        new RunResult(
            name.student(),
            name.method(),
            name.seed(),
            null,
            null,
            accuracy,
            5,
            1,
            1,
            1,
            List.of(),
            null);
    new ObjectMapper().writeValue(run.resolve("result.json").toFile(), result);
  }

  private static TuningText text(TuningFolder search) throws IOException {
    return TuningText.of(
        search, new TuningResults(search.tuning(), search.trials(), search.isDone()), null);
  }

  /** What the first panel of the settings' figure shows. */
  private static XYPlot firstSetting(TuningFolder search) {
    Figure settings =
        TuningFigures.of(new TuningResults(search.tuning(), search.trials(), true)).get(1);
    return ((PanelPlot) settings.chart().apply(Theme.LIGHT).getPlot()).panels().get(0).plot();
  }

  private static List<List<Double>> points(XYPlot plot, String series) {
    XYDataset points = plot.getDataset();
    int index = points.indexOf(series);
    return IntStream.range(0, points.getItemCount(index))
        .mapToObj(i -> List.of(points.getXValue(index, i), points.getYValue(index, i)))
        .toList();
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
        .contains("the best one of hinton reaches 70.00 % of the validation images.</p>")
        .contains("<strong>70.00</strong>")
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
    // The preset's weight is 0.9; what diverged has no point.
    List<Double> drawn =
        List.of(
            (Double) Objects.requireNonNull(trials.get(1).settings().get("hinton.weight")), 0.7);
    XYPlot weight = firstSetting(search);
    assertThat(points(weight, "own")).containsExactly(List.of(0.9, 0.5));
    assertThat(points(weight, "others")).containsExactly(drawn);
    assertThat(points(weight, "chosen")).containsExactly(drawn);
    // 4 % of the two decades from 0.1 to 10 are free at either end.
    assertThat(Math.log10(weight.getDomainAxis().getLowerBound())).isCloseTo(-1.08, within(1e-9));
    assertThat(Math.log10(weight.getDomainAxis().getUpperBound())).isCloseTo(1.08, within(1e-9));
  }

  /** From 0.1, where the range begins, to 1000 are four decades, of which 4 % are free. */
  @Test
  void theAxisOfASettingReachesToTheMethodsOwnValueBeyondTheRange() throws IOException {
    TuningFolder search = begin("[{name: hinton, objectives: [hinton: {weight: 1000}]}]", 2, "");
    finish(search.search(), run(1), 0.5);
    finish(search.search(), run(2), 0.7);
    XYPlot weight = firstSetting(search);
    assertThat(points(weight, "own")).containsExactly(List.of(1000.0, 0.5));
    assertThat(Math.log10(weight.getDomainAxis().getLowerBound())).isCloseTo(-1.16, within(1e-9));
    assertThat(Math.log10(weight.getDomainAxis().getUpperBound())).isCloseTo(3.16, within(1e-9));
  }

  /**
   * Else it would leave the others no room. They reach from 0.80 to 0.85; with 8 % of that, and
   * half a point, free at either end the axis begins at 0.791 and is 0.068 long, of which the mark
   * is 5 % up.
   */
  @Test
  void aTrialAtChanceIsMarkedAtTheEdge() throws IOException {
    TuningFolder search = begin("[hinton]", 7, "");
    for (int trial = 1; trial <= 6; trial++) {
      finish(search.search(), run(trial), 0.79 + 0.01 * trial);
    }
    finish(search.search(), run(7), 0.1);
    XYPlot weight = firstSetting(search);
    assertThat(weight.getRangeAxis().getLowerBound()).isCloseTo(0.791, within(1e-9));
    assertThat(points(weight, "others")).hasSize(5);
    assertThat(points(weight, "far"))
        .singleElement(LIST)
        .last()
        .satisfies(height -> assertThat((Double) height).isCloseTo(0.7944, within(1e-9)));
  }

  /** Accuracies that read alike with two decimals are a tie to the reader. */
  @ParameterizedTest
  @CsvSource({
    "0.7, 0.6, hinton reaches 70.00 %",
    "0.6, 0.7, own reaches 70.00 %",
    "0.7, 0.70004, hinton and of own reaches 70.00 %"
  })
  void ofSeveralMethodsTheBestIsNamedOrAllOfATie(double hinton, double own, String best)
      throws IOException {
    TuningFolder search = begin("[hinton, {name: own, extends: hinton}]", 2, "");
    finish(search.search(), run(1), 0.5);
    finish(search.search(), run(2), hinton);
    finish(search.search(), new RunName("resnet8", "own-01", 101), own);
    finish(search.search(), new RunName("resnet8", "own-02", 101), 0.5);
    search.finish();

    assertThat(text(search).result())
        .isEqualTo(
            "Of 2 settings of each method, the best one of %s of the validation images, the highest of 2 methods."
                .formatted(best));
  }

  /** Runs of 4 epochs: before the second seed is done, a row is of the first alone. */
  @Test
  void theEpochsOfATrialAreThoseOfTheSeedsThatItsAccuracyIsOf() throws IOException {
    TuningFolder search = begin("[hinton]", 2, "201");
    finish(search.search(), run(1), 0.5);
    finish(search.search(), run(2), 0.7);
    assertThat(search.chooseBest()).as("whether more seeds are to be done").isTrue();
    assertThat(text(search).trials())
        .extracting(TrialRow::accuracy, TrialRow::seeds, TrialRow::epochs)
        .containsExactly(tuple("50.00", "1", "4"), tuple("70.00", "1", "4"));

    finish(search.confirmation(), new RunName("resnet8", "hinton-02", 201), 0.6);
    search.finish();

    assertThat(text(search).trials())
        .extracting(TrialRow::accuracy, TrialRow::seeds, TrialRow::epochs)
        .containsExactly(tuple("50.00", "1", "4"), tuple("65.00", "2", "8"));
  }
}
