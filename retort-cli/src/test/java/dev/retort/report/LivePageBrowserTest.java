package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.cli.IdxNoise;
import dev.retort.study.Study;
import dev.retort.study.StudyFolder;
import dev.retort.study.Summary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.chrome.ChromeDriver;

/** A reader opens the page of a study that has just begun, and does nothing until its end. */
class LivePageBrowserTest {
  private static final LivePage.Pace QUICK =
      new LivePage.Pace(Duration.ofMillis(400), 1, Duration.ofSeconds(1));
  private static final int EPOCHS = 3;
  private static final long PATIENCE = Duration.ofMinutes(4).toNanos();

  /** What a version of the page shows: how far the runs are, and where the reader is. */
  private static final String SEEN =
      """
      if (document.readyState !== "complete") { return null; }
      const rows = [...document.querySelectorAll("section[aria-labelledby=runs] tbody tr")];
      return [document.scripts.length, scrollY].concat(
        rows.map(row => [...row.cells].slice(0, 3).map(cell => cell.textContent).join(" ")));
      """;

  @TempDir Path folder;
  @TempDir Path profile;

  private Summary run(Study study, Path out) {
    try {
      Summary summary;
      try (LivePage page = LivePage.follow(out, study.runs(), EPOCHS, QUICK)) {
        summary = study.run(out);
        page.done();
      }
      Report.write(StudyFolder.open(out), summary);
      return summary;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void thePageFollowsAStudyOfTwoRunsByItselfToItsEnd() throws Exception {
    Browser.assumeInstalled();
    Path data = IdxNoise.write(folder, 2000, 20);
    Study study =
        Study.of(
            Map.of(
                "data",
                "idx:" + data,
                "student",
                "resnet8",
                "test",
                false,
                "seeds",
                List.of(1, 2),
                "methods",
                List.of("cross-entropy"),
                "training",
                Map.of("epochs", EPOCHS, "batchSize", 20, "threads", 1)));
    Path out = folder.resolve("out");
    Path page = out.resolve("report.html");
    Set<String> shown = new LinkedHashSet<>();
    ChromeDriver driver = Browser.open(profile);
    try {
      CompletableFuture<Summary> running = CompletableFuture.supplyAsync(() -> run(study, out));
      long deadline = System.nanoTime() + PATIENCE;
      while (!Files.exists(page) && !running.isDone() && System.nanoTime() < deadline) {
        Thread.sleep(20);
      }
      driver.get(page.toUri().toString());
      driver.executeScript("scrollTo(0, 100)");
      boolean live = true;
      while (live && System.nanoTime() < deadline) {
        List<?> seen = look(driver);
        if (seen != null) {
          live = !seen.get(0).equals(0L);
          assertThat(seen.get(1)).as("the place that the reader scrolled to").isEqualTo(100L);
          seen.stream().skip(2).forEach(row -> shown.add(row.toString()));
        }
        Thread.sleep(50);
      }
      assertThat(live).as("the finished page has no script").isFalse();
      assertThat(driver.executeScript("return document.body.textContent").toString())
          .contains("Trained by cross-entropy, resnet8 reaches", "over 2 seeds")
          .doesNotContain("Runs are being done");
      assertThat(running.get().methods().get(0).seeds()).containsExactly(1L, 2L);
    } finally {
      driver.quit();
    }
    assertThat(shown)
        .contains("resnet8-cross-entropy-seed2 not begun 0 of 3")
        .contains("resnet8-cross-entropy-seed1 done 3 of 3")
        .anyMatch(row -> row.startsWith("resnet8-cross-entropy-seed1 begun "))
        .anyMatch(row -> row.startsWith("resnet8-cross-entropy-seed2 begun "));
  }

  /** Null while the page is being loaded. */
  private static @Nullable List<?> look(ChromeDriver driver) {
    try {
      return (List<?>) driver.executeScript(SEEN);
    } catch (WebDriverException e) {
      return null;
    }
  }
}
