package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.export.OnnxExport;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.study.config.TeacherConfiguration;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects "times as fast as the teacher": it is timed on images of the size that it reads. */
class ServedTeacherTest {
  @TempDir Path folder;

  /** The file's dimensions are open: its metadata have the size, and the data have another one. */
  @Test
  void anExportWithPreprocessingIsTimedAtItsOwnSize() throws Exception {
    Splits data = NoiseImages.splits(List.of("a", "b"), 4);
    ImageShape own = new ImageShape(3, 16, 16);
    Path file = folder.resolve("teacher.onnx");
    try (TensorScope scope = TensorScope.open()) {
      Network network =
          Networks.create("resnet8", own, 2, ScalarType.Float, RandomSource.of(5, "teacher"));
      ModelInfo info = new ModelInfo(data.classes(), data.statistics(), Map.of());
      Files.write(file, new OnnxExport(true).bytes(new LoadedModel(network, info)));
    }

    ServedTeacher teacher = new ServedTeacher(TeacherConfiguration.of(file.toString()), data);

    assertThat(teacher.given().orElseThrow().image()).isEqualTo(own);
  }
}
