package dev.retort.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import dev.retort.data.ImageShape;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxGraph;
import dev.retort.onnx.OnnxGraph.Dimension;
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

  private final ServingProcess process = new ServingProcess(1);

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
}
