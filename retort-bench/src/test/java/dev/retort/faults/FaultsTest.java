package dev.retort.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of fault in its short form; {@code retort-bench/faults/run} has the full ones. */
class FaultsTest {
  @TempDir Path work;

  /** But for those that {@link ProcessFaultsTest} does meanwhile. */
  static Iterable<String> kinds() {
    Set<String> kinds = new TreeSet<>(Faults.KINDS.keySet());
    kinds.removeAll(ProcessFaultsTest.KINDS);
    return kinds;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void allIsAsIfNothingHadBeen(String kind) throws Exception {
    doInShort(kind, work);
  }

  static void doInShort(String kind, Path work) throws Exception {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    Tally tally = new Tally(new PrintStream(log, true, StandardCharsets.UTF_8));

    Faults.kind(kind).action().run(FaultPlan.inShort(work, kind), tally);

    System.out.println(kind + ": " + tally);
    assertAllHeld(tally, log.toString(StandardCharsets.UTF_8));
  }

  private static void assertAllHeld(Tally tally, String log) {
    assertThat(tally.failed()).as(log).isZero();
    assumeThat(tally.isSkipped()).as(log).isFalse();
    assertThat(tally.passed()).isPositive();
  }

  @Test
  void whatFailedBeforeTheRestWasSkippedHasFailed() {
    Tally tally = new Tally(new PrintStream(OutputStream.nullOutputStream()));
    tally.fail("something");
    tally.skip("a reason");

    assertThatThrownBy(() -> assertAllHeld(tally, "")).isInstanceOf(AssertionError.class);
  }

  /** A kind that is left out would not be missed. */
  @Test
  void eachKindOfFileIsDamagedAndMutated() throws IOException {
    assertThat(Specimens.make(FaultPlan.inShort(work, "5-damage")))
        .extracting(Specimen::kind)
        .containsExactly(
            "model",
            "result.json",
            "metrics.jsonl",
            "teacher.json",
            "inputs.json",
            "environment.json",
            "resolved.yaml",
            "checkpoint",
            "manifest",
            "state.pth",
            "no-checksums.pth",
            "legacy.pth",
            "old.pth",
            "checkpoint.pth",
            "safetensors",
            "free.onnx",
            "fixed.onnx",
            "tuple.pt",
            "dictionary.pt",
            "half.pt",
            "probabilities.pt",
            "recorded logits.npy",
            "recorded columns.npz",
            "png",
            "jpg",
            "bmp",
            "gif",
            "tiff",
            "pictures in Parquet",
            "IDX images",
            "IDX labels",
            "configuration",
            "archive");
  }

  @Test
  void anUnknownSettingIsRefusedWithThoseOfItsKind() {
    assertRefused(
        "8-memory has no setting 'step'; it has steps, trainings, methods, precision", "step=50");
    assertRefused(
        "8-memory has no setting 'count'; it has steps, trainings, methods, precision", "count=5");
    assertRefused("a setting is NAME=VALUE, not steps", "steps");
    assertRefused("steps is a whole number, not 'few'", "steps=few");
    assertRefused("there are no methods [hintn]; there are [", "methods=dkd,hintn");
    assertThat(FaultPlan.full(work, List.of("8-memory", "steps=50", "methods=dkd")).settings())
        .containsExactlyInAnyOrderEntriesOf(Map.of("steps", "50", "methods", "dkd"));
  }

  private void assertRefused(String sentence, String setting) {
    assertThatThrownBy(() -> FaultPlan.full(work, List.of("8-memory", setting)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(sentence);
  }

  @Test
  void thePageListsTheSettingsOfEachKind() throws IOException {
    List<String> page = Files.readAllLines(Path.of("..", "docs", "reliability.md"));
    Faults.KINDS.forEach(
        (name, kind) -> {
          String settings =
              kind.settings().stream()
                  .map(setting -> "`" + setting + "`")
                  .collect(Collectors.joining(", "));
          assertThat(page)
              .anyMatch(line -> line.startsWith("| `" + name + "` | " + settings + " | "));
        });
  }
}
