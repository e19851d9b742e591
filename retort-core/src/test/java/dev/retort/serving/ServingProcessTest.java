package dev.retort.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.condition.OS.LINUX;

import dev.retort.data.ImageShape;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxGraph;
import dev.retort.onnx.OnnxGraph.Dimension;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class ServingProcessTest {
  private static final ImageShape IMAGE = new ImageShape(3, 8, 8);

  @TempDir Path folder;

  private final StopRequest stop = new StopRequest();
  private final ServingProcess process = new ServingProcess(1, stop);

  /** Gives back what goes in. */
  private ServedFile file(long batch) throws IOException {
    OnnxGraph graph = new OnnxGraph("same");
    List<Dimension> shape = LongStream.of(batch, 3, 8, 8).mapToObj(Dimension::new).toList();
    graph.input("x", OnnxField.FLOAT, shape);
    graph.node("Identity", List.of("x"), "y", Map.of());
    graph.output("y", OnnxField.FLOAT, shape);
    Path file = folder.resolve("batch" + batch + ".onnx");
    Files.write(file, graph.toModel("1", Map.of()));
    return new ServedFile(file, IMAGE);
  }

  /** A Java virtual machine has at least ten megabytes. */
  @Test
  @EnabledOnOs(LINUX)
  void aFileOfAnotherBatchHasNoTimesAndItsMemory() throws IOException {
    assertThat(process.time(List.of(file(4)), (done, total) -> {}))
        .containsExactly(new Timings(null, null));
    assertThat(process.residentBytes(file(4))).isGreaterThan(10_000_000L);
  }

  /** A call takes microseconds: more than 100 ns, and less than a millisecond. */
  @Test
  void aFileIsTimedInRoundsUnlessACallTakesLongerThanIsAllowed() throws IOException {
    ServedFile same = file(1);
    ServedFile quickEnough = new ServedFile(same.file(), IMAGE, false, 1e-3);
    ServedFile tooSlow = new ServedFile(same.file(), IMAGE, false, 1e-7);

    List<Timings> timings = process.timeSingle(List.of(tooSlow, quickEnough), (done, total) -> {});

    assertThat(timings).extracting(Timings::batch).containsOnlyNulls();
    assertThat(timings.get(0).single().calls()).as("the quickest of the warm-up").isEqualTo(1);
    assertThat(timings.get(0).single().rounds()).isEmpty();
    assertThat(timings.get(1).single().calls()).isGreaterThanOrEqualTo(1000);
    assertThat(timings.get(1).single().rounds()).hasSize(5);
  }

  /**
   * For each of four files ONNX Runtime starts all but one of the threads: 4 · (9 − 1) more than
   * with one thread. Those of Java vary by a few.
   */
  @Test
  @EnabledOnOs(LINUX)
  void theProcessHasTheThreadsThatItIsGiven() throws IOException {
    assertThat(threadsOfTheProcess(9) - threadsOfTheProcess(1)).isBetween(24, 40);
  }

  /** Counts them while it is warmed up, which takes longer than a second, and ends it. */
  private int threadsOfTheProcess(int given) throws IOException {
    ServedFile file = file(1);
    StopRequest counted = new StopRequest();
    int[] threads = {0};
    assertThatThrownBy(
            () ->
                new ServingProcess(given, counted)
                    .timeSingle(
                        List.of(file, file, file, file),
                        (done, total) -> {
                          threads[0] = threadsOfTheChild();
                          counted.request();
                        }))
        .isInstanceOf(StoppedException.class);
    return threads[0];
  }

  private int threadsOfTheChild() {
    ProcessHandle child =
        ProcessHandle.current()
            .children()
            .filter(each -> each.info().commandLine().orElse("").contains(folder.toString()))
            .findFirst()
            .orElseThrow();
    return Path.of("/proc", Long.toString(child.pid()), "task").toFile().list().length;
  }

  @Test
  void aFileThatIsNoneIsRefusedWithItsReason() throws IOException {
    ServedFile none =
        new ServedFile(Files.writeString(folder.resolve("none.onnx"), "no model"), IMAGE);

    assertThatThrownBy(() -> process.residentBytes(none))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "the process that serves models ended with 1: ai.onnxruntime.OrtException: ");
  }

  @Test
  void aRequestToStopEndsTheProcess() throws IOException {
    ServedFile file = file(1);
    stop.request();

    assertThatThrownBy(() -> process.time(List.of(file), (done, total) -> {}))
        .isInstanceOf(StoppedException.class);
    assertThat(ProcessHandle.current().children())
        .noneMatch(child -> child.info().commandLine().orElse("").contains(folder.toString()));
  }

  @Test
  void theReasonIsWhatWasNotCaughtElseTheLastLine() {
    String option = "Picked up JAVA_TOOL_OPTIONS: -Dx=y";
    String uncaught = "Exception in thread \"main\" java.lang.OutOfMemoryError: too many";

    assertThat(ServingProcess.reason(List.of(option, uncaught, "\tat a.B.c(B.java:1)")))
        .isEqualTo("java.lang.OutOfMemoryError: too many");
    assertThat(ServingProcess.reason(List.of(option, "Invalid maximum heap size", "")))
        .isEqualTo("Invalid maximum heap size");
    assertThat(ServingProcess.reason(List.of())).isEqualTo("no reason");
  }
}
