package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.study.StudyFolder;
import dev.retort.study.StudyRecordException;
import dev.retort.study.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path folder;

  private String page() throws IOException {
    Report.write(SyntheticStudy.read(folder), null);
    return Files.readString(folder.resolve("report.html"));
  }

  /** The page's text with all markup taken out and white space drawn together. */
  private static String text(String page) {
    return page.replaceAll("(?s)<(style|svg).*?</\\1>", " ")
        .replaceAll("<[^>]*>", " ")
        .replaceAll("\\s+", " ");
  }

  @Test
  void writesEachFigureInTwoThemesAndTwiceTheSizeAsPngAndThePage() throws IOException {
    SyntheticStudy.demo(folder);
    Path page = Report.write(SyntheticStudy.read(folder), null);
    assertThat(page).isEqualTo(folder.resolve("report.html")).isRegularFile();
    assertThat(folder.resolve("figures").toFile().list())
        .hasSize(7 * 3)
        .contains("probability.svg", "probability-dark.svg", "validation-hinton-adversarial.png");
    assertThat(
            ImageIO.read(folder.resolve("figures/validation-hinton-adversarial.png").toFile())
                .getWidth())
        .isEqualTo(2 * ChartStyle.WIDTH);
  }

  /** A figure of the page before, which this study no longer has; and one of the user's own. */
  @Test
  void figuresOfTheEarlierPageGoAndTheUsersStay() throws IOException {
    SyntheticStudy.demo(folder);
    Path figures = Files.createDirectories(folder.resolve("figures"));
    Files.writeString(folder.resolve("report.html"), "<figure id=\"figure-ranking-old\">");
    for (String name : List.of("ranking-old.svg", "ranking-old-dark.svg", "ranking-old.png")) {
      Files.writeString(figures.resolve(name), "old");
    }
    Files.writeString(figures.resolve("paper.svg"), "mine");

    Report.write(SyntheticStudy.readWithIntervals(folder), null);

    assertThat(figures).isDirectoryNotContaining("glob:**/ranking-old*");
    assertThat(figures.resolve("paper.svg")).hasContent("mine");
    assertThat(figures).isDirectoryContaining("glob:**/test-accuracy.svg");
  }

  @Test
  void thePageStatesTheResultTheTablesAndTheAlarms() throws IOException {
    SyntheticStudy.demo(folder);
    Report.write(SyntheticStudy.readWithIntervals(folder), null);
    assertThat(text(Files.readString(folder.resolve("report.html"))))
        .contains(
            "Trained by adversarial-hinton, resnet8 reaches 64.00 % ± 1.00 on the test images (mean"
                + " ± standard deviation over 3 seeds), the highest mean of 4 methods; paired by"
                + " seed that is +6.00 points against cross-entropy (95 % interval +4.70 to +7.30,"
                + " adjusted p = 0.0124), and +1.50 points against the next, hinton (all 3 pairs alike:"
                + " no interval). The teacher reaches 93.70 %.")
        // accuracy, seeds, agreement, parameters, seconds: (21 + 22 + 23) / 3 = 22.
        .contains("hinton 62.50 ± 1.00 3 64.50 78\u202f042 22 ")
        .contains("the teacher, airnet 93.70 – – 3\u202f927\u202f242 – ")
        .contains("adversarial cross-entropy +2.20 +0.90 to +3.50 0.0004 0.0124 3 1.70 ")
        .contains("adversarial seeds 2–3: 3–5 logits: the discriminator is saturated")
        .contains("94.02 %")
        .contains("a &lt;processor&gt; &amp; more")
        .contains("--only cross-entropy --seeds 1")
        .doesNotContain("This report is incomplete");
  }

  /** Where they explain it. */
  @Test
  void theAlarmsOfARunThatDivergedAreOnThePage() throws IOException {
    SyntheticStudy.demo(folder);
    SyntheticStudy.diverge(folder, "resnet8-adversarial-seed2");
    assertThat(text(page()))
        .contains("adversarial seeds 2–3: 3–5 logits: the discriminator is saturated");
  }

  /** Rounds without spread: ten times as fast, and an interval of that alone. */
  @Test
  void thePageSaysWhatModelsCostToServe() throws IOException {
    SyntheticStudy.demo(folder);
    SyntheticStudy.writeServing(folder);
    Report.write(SyntheticStudy.read(folder), null);
    assertThat(text(Files.readString(folder.resolve("report.html"))))
        .contains("What they cost to serve")
        .contains("the teacher, airnet fp32 93.70 10.0 12.0 – 200 16.00 90 ")
        .contains("resnet8-hinton-seed1 fp32 62.00 1.00 1.50 10.00 (10.00 … 10.00) 2000 0.32 70 ")
        .contains(
            "resnet8-hinton-seed1 int8 61.00 0.500 0.600 20.00 (20.00 … 20.00) 3000 0.09 70 ");
  }

  /** Labels alone need no teacher, and a record of them lacks nothing. */
  @Test
  void aStudyWithoutATeacherIsComplete() throws IOException {
    SyntheticStudy.demo(folder);
    Files.delete(folder.resolve("teacher.json"));
    assertThat(text(page())).contains("There is no teacher.json yet.");
    Path resolved = folder.resolve("resolved.yaml");
    Files.writeString(
        resolved, Files.readString(resolved).replace("teacher: bundled:cifar10\n", ""));
    assertThat(text(page()))
        .doesNotContain("This report is incomplete")
        .doesNotContain("The teacher reaches")
        .doesNotContain("the teacher,");
  }

  @Test
  void thePageOfATrainingNamesTheCommandThatReadsItsConfiguration() throws IOException {
    SyntheticStudy.demo(folder);
    Files.writeString(
        folder.resolve("resolved.yaml"),
        "data: cifar10-mini\nnetwork: resnet8\nseed: 1\ntraining: {epochs: 12}\n");
    assertThat(text(page()))
        .contains("retort train " + folder.getFileName() + "/resolved.yaml --out ")
        .doesNotContain("retort compare");
  }

  @Test
  void thePageNeedsNothingOutsideIt() throws IOException {
    SyntheticStudy.demo(folder);
    String page = page().replaceAll("xmlns(:\\w+)?=\"[^\"]*\"", "");
    assertThat(page)
        .doesNotContain("http:")
        .doesNotContain("https:")
        .doesNotContain("<script")
        .doesNotContain("<link")
        .doesNotContain("@import")
        .doesNotContainPattern("url\\((?!#)")
        .doesNotContainPattern("(src|href)=\"(?!#)");
  }

  @Test
  void aHostileNameStaysText() throws IOException {
    String name = "<script>alert(1)<script>&\"'${7*7}";
    List<SyntheticStudy.Method> methods = new ArrayList<>(SyntheticStudy.DEMO);
    methods.add(new SyntheticStudy.Method(name, List.of("\"><img src=x>"), 0.7));
    new SyntheticStudy(folder, List.of("resnet8"), methods, 2, 3).write();
    String page = page();
    assertThat(page)
        .doesNotContain("<script")
        .doesNotContain("<img")
        .contains("&lt;script&gt;alert(1)&lt;script&gt;&amp;&quot;&#39;${7*7}");
    try (var figures = Files.list(folder.resolve("figures"))) {
      assertThat(figures).allMatch(f -> f.getFileName().toString().matches("[A-Za-z0-9._-]+"));
    }
  }

  @Test
  void whatIsUndefinedWithOneSeedIsLeftOutOrADash() throws IOException {
    new SyntheticStudy(folder, List.of("resnet8"), SyntheticStudy.DEMO, 1, 3).write();
    assertThat(text(page()))
        .contains("cross-entropy 58.00 1 ")
        .contains("hinton cross-entropy +4.50 – – – 1 ");
  }

  /**
   * Seeds 1 to 3 of accuracies 0.62, 0.63, 0.64 and 0.60, 0.63, 0.65: the differences are 2, 0 and
   * −1 points, of mean 1/3 and deviation √(7/3); t(0.975, 2) = 4.303 times √(7/9) is 3.79.
   */
  @Test
  void theHeadlineDoesNotCallAWinnerWhatTheSeedsDoNotTellFromTheNext() throws IOException {
    SyntheticStudy.demo(folder);
    double[] accuracies = {0.60, 0.63, 0.65};
    for (int i = 0; i < 3; i++) {
      SyntheticStudy.setTestAccuracy(
          folder, "resnet8-adversarial-hinton-seed" + (i + 1), 0.62 + 0.01 * i);
      SyntheticStudy.setTestAccuracy(folder, "resnet8-hinton-seed" + (i + 1), accuracies[i]);
    }
    assertThat(text(page()))
        .contains(
            "+0.33 points against the next, hinton (95 % interval −3.46 to +4.13: with these 3"
                + " seeds it is not significant).");
  }

  @Test
  void seedsThatWereAddedHaveTheirCommand() throws IOException {
    SyntheticStudy.demo(folder);
    Path resolved = folder.resolve("resolved.yaml");
    Files.writeString(resolved, Files.readString(resolved).replace("  - 2\n", ""));
    String name = folder.getFileName().toString();
    assertThat(text(page()))
        .contains(
            "retort compare "
                + name
                + "/resolved.yaml --out "
                + name
                + "-again --resume --only cross-entropy,hinton,adversarial,adversarial-hinton"
                + " --seeds 2");
  }

  /**
   * Changes of the configuration are in resolved.yaml, and need no option. A shell takes a blank or
   * a quote in a name for its own, unless the word is quoted.
   */
  @Test
  void theCommandsHaveTheOptionsThatGiveTheSameAndNamesQuotedForTheShell() throws IOException {
    Path study = folder.resolve("my study");
    SyntheticStudy.Method method = new SyntheticStudy.Method("its-owner's", List.of(), 0.6);
    new SyntheticStudy(study, List.of("resnet8"), List.of(method), 2, 3).write();
    Path resolved = study.resolve("resolved.yaml");
    Files.writeString(resolved, Files.readString(resolved).replace("  - 2\n", ""));
    List<String> commands =
        List.of(
            "retort compare 'my study/resolved.yaml' --out 'my study-again'",
            "retort compare 'my study/resolved.yaml' --out 'my study-again' --resume"
                + " --only 'its-owner'\\''s' --seeds 2",
            "retort compare 'my study/resolved.yaml' --only 'its-owner'\\''s' --seeds 1"
                + " --out 'my study-one-run'");
    assertThat(commands(study).subList(0, 3)).isEqualTo(commands);

    Path inputs = study.resolve("inputs.json");
    Files.writeString(
        inputs, Files.readString(inputs).replaceFirst("\\{", "{\"extensions\": \"e1\", "));
    assertThat(commands(study).subList(0, 3))
        .isEqualTo(commands.stream().map(command -> command + " --classpath JARS").toList());

    // Of two machines that it ran on, the second has a GPU.
    Path machine = study.resolve("environment-2.json");
    Files.writeString(
        machine,
        Files.readString(study.resolve("environment.json"))
            .replaceFirst("\\{", "{\"device\": \"cuda a GPU\", "));
    assertThat(commands(study).subList(0, 3))
        .isEqualTo(
            commands.stream().map(command -> command + " --classpath JARS --device cuda").toList());
    assertThat(commands(study)).hasSize(4).last().isEqualTo("retort report 'my study'");
  }

  private static List<String> commands(Path study) {
    return PageText.of(SyntheticStudy.read(study), null).commands().stream()
        .map(PageText.Command::line)
        .toList();
  }

  @Test
  void aStudyThatHasOnlyBegunGetsItsPageToo() throws IOException {
    SyntheticStudy.demo(folder);
    try (var runs = Files.list(folder.resolve("runs"))) {
      for (Path run : runs.toList()) {
        Files.delete(run.resolve("result.json"));
        if (!run.endsWith("resnet8-hinton-seed1")) {
          Files.delete(run.resolve("metrics.jsonl"));
        }
      }
    }
    assertThat(text(page()))
        .contains("No run of resnet8 has finished yet.")
        .contains("This report is incomplete")
        .contains("12 of 12 runs have no result");
    assertThat(folder.resolve("figures/validation.svg")).exists();

    SyntheticStudy.demo(folder);
    Report.write(SyntheticStudy.read(folder), null);
    assertThat(folder.resolve("figures/validation-hinton-adversarial.svg")).exists();
    assertThat(folder.resolve("figures/validation.svg")).doesNotExist();
  }

  @Test
  void aDamagedResultDoesNotCountAndTheReportSaysThatItsRunHasNone() throws IOException {
    SyntheticStudy.demo(folder);
    Files.writeString(folder.resolve("runs/resnet8-hinton-seed1/result.json"), "{");
    assertThat(text(page())).contains("1 of 12 runs have no result: resnet8-hinton-seed1.");
  }

  @Test
  void aDamagedLogStopsTheReportBeforeAnythingIsWritten() throws IOException {
    SyntheticStudy.demo(folder);
    StudyFolder study = StudyFolder.open(folder);
    Summary summary = study.summarize();
    Files.writeString(folder.resolve("runs/resnet8-hinton-seed1/metrics.jsonl"), "{\n");
    assertThatThrownBy(() -> Report.write(study, summary))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageContaining("metrics.jsonl");
    assertThat(folder.resolve("report.html")).doesNotExist();
    assertThat(folder.resolve("figures")).doesNotExist();
  }

  @Test
  void theReportIsThatOfTheLatestSummaryAlsoWhereARunHasEndedSince() throws IOException {
    SyntheticStudy.demo(folder);
    StudyFolder study = StudyFolder.open(folder);
    Path result = folder.resolve("runs/resnet8-hinton-seed3/result.json");
    byte[] ended = Files.readAllBytes(result);
    Files.delete(result);
    Summary before = study.summarize();
    Files.write(result, ended);
    Report.write(study, before);
    assertThat(text(Files.readString(folder.resolve("report.html"))))
        .contains("hinton 62.50 ± 1.00 3 ")
        .doesNotContain("This report is incomplete");
  }

  @Test
  void neighbouringEpochsAreDrawnTogether() {
    assertThat(PageText.ranges(List.of(1L, 3L, 4L, 5L, 9L))).isEqualTo("1, 3–5, 9");
  }
}
