package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {
  @TempDir Path folder;

  @Test
  void theBundledImagesAreCountedByClassAndSplit() throws IOException {
    CommandRun run = CommandRun.of("data", "stats", "cifar10-mini", "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode result = run.json();
    assertThat(result.get("images").get("train").get("ship").asInt()).isEqualTo(400);
    assertThat(result.get("images").get("validation").get("ship").asInt()).isEqualTo(100);
    assertThat(result.get("images").get("test").get("ship").asInt()).isEqualTo(200);
    // Near the published 125.3069 of all CIFAR-10.
    assertThat(result.get("mean").get(0).asDouble()).isCloseTo(125.3, offset(2.0));
  }

  @Test
  void theTableHasARowForEachClassAndOneForAll() {
    CommandRun run = CommandRun.of("data", "stats", "cifar10-mini");

    assertThat(run.out().lines())
        .contains("truck         400         100   200", "all          4000        1000  2000");
  }

  @Test
  void missingDataAreBadDataAndAnUnknownSpellingIsWrongUsage() {
    CommandRun missing = CommandRun.of("data", "verify", "cifar10:" + folder.resolve("none"));
    CommandRun unknown = CommandRun.of("data", "verify", "cifar11:" + folder);
    CommandRun well = CommandRun.of("data", "verify", "cifar10-mini");

    assertThat(missing.exitCode()).isEqualTo(4);
    assertThat(missing.err()).startsWith("retort: " + folder.resolve("none")).hasLineCount(1);
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("unknown data \"cifar11:");
    assertThat(well.out()).startsWith("cifar10-mini is well: 4,000 training, 1,000 validation");
  }

  @Test
  void aSourceWithoutTheDataSetIsBadDataAndLeavesNothing() {
    Path target = folder.resolve("cifar10");

    CommandRun run =
        CommandRun.of(
            "data", "fetch", "cifar10", "--from", folder.toString(), "--to", target.toString());

    assertThat(run.exitCode()).isEqualTo(4);
    assertThat(run.err()).contains("does not hold CIFAR-10's binary files");
    assertThat(target).doesNotExist();
  }

  /** Who repairs pictures would else have to read them all again after each twenty. */
  @Test
  void verifyListsAllPicturesThatCannotBeRead() throws IOException {
    for (int i = 0; i < 25; i++) {
      Path place = folder.resolve("train/" + (i % 2 == 0 ? "even" : "odd") + "/" + i + ".jpg");
      Files.createDirectories(place.getParent());
      Files.writeString(place, "no picture");
    }
    CommandRun verified = CommandRun.of("data", "verify", "folder:" + folder, "--size", "8");
    CommandRun counted = CommandRun.of("data", "stats", "folder:" + folder, "--size", "8");

    assertThat(verified.exitCode()).isEqualTo(4);
    assertThat(verified.err()).contains("25 of 25 images cannot be read").doesNotContain("more");
    assertThat(verified.err().lines().filter(line -> line.contains(".jpg: "))).hasSize(25);
    assertThat(counted.err()).contains("and 5 more");
  }

  @Test
  void theViewsOfAStudyAreWrittenOnceTheyAreFixed() throws IOException {
    Path study = folder.resolve("study.yaml");
    Files.writeString(
        study,
        """
        data: cifar10-mini
        teacher: recorded:outputs.npz
        student: resnet8
        training: {epochs: 1}
        methods: [hinton]
        """);
    String[] views = {"data", "views", study.toString(), "--to", folder + "/views.npz"};
    CommandRun unfixed = CommandRun.of(views);
    assertThat(unfixed.exitCode()).isEqualTo(2);
    assertThat(unfixed.err()).contains("set both");

    List<String> fixed = List.of("-o", "views=1", "-o", "dataSeed=1");
    assertThat(CommandRun.of(fixed, views).exitCode()).isZero();
    assertThat(folder.resolve("views.npz")).exists();
    assertThat(CommandRun.of(fixed, views).err()).contains("is there already");
  }

  /** 25 of 100 in 3 s leave 9. */
  @Test
  void aLongLookAtPicturesIsShownAfterTwoSecondsAndThenNowAndThen() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    AtomicLong clock = new AtomicLong();
    Terminal terminal = CommandRun.terminal(err, false, 80);
    ReadingProgress progress = new ReadingProgress(terminal, clock::get);

    progress.looked("folder:photos", 1, 100);
    clock.set(1_900_000_000L);
    progress.looked("folder:photos", 24, 100);
    clock.set(3_000_000_000L);
    progress.looked("folder:photos", 25, 100);
    clock.set(32_000_000_000L);
    progress.looked("folder:photos", 30, 100);
    clock.set(33_000_000_000L);
    progress.looked("folder:photos", 33, 100);
    progress.looked("folder:photos", 100, 100);

    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            reading pictures 25 of 100, 0:09 left: folder:photos
            reading pictures 33 of 100, 1:07 left: folder:photos
            """);
  }

  @Test
  void aTransferIsShownWithRateAndTimeLeft() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    AtomicLong clock = new AtomicLong();
    Terminal terminal = CommandRun.terminal(err, true, 120);
    TransferProgress progress = new TransferProgress(terminal, clock::get);

    progress.at("downloading", 0, 170_000_000);
    clock.set(4_000_000_000L);
    progress.at("downloading", 85_000_000, 170_000_000);

    assertThat(Terminal.uncut(err.toString(StandardCharsets.UTF_8)))
        .endsWith("\r\033[2Kdownloading ██████░░░░░░ 85.0 of 170.0 MB, 21.3 MB/s, 0:04 left");
  }
}
