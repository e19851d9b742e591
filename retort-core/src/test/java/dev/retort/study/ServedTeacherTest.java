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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects "times as fast as the teacher": it is timed on images of the size that it reads. */
class ServedTeacherTest {
  private static final ImageShape OWN = new ImageShape(3, 16, 16);

  @TempDir Path folder;

  /** The file's dimensions are open: its metadata have the size, and the data have another one. */
  @Test
  void anExportWithPreprocessingIsTimedAtItsOwnSize() throws Exception {
    assertThat(timed(null)).isEqualTo(OWN);
  }

  /** Else each call would scale its image up first. */
  @Test
  void oneThatCutsTheMiddleOutOfAPictureIsTimedOnAPictureThatItNeedNotScale() throws Exception {
    assertThat(timed(20)).isEqualTo(new ImageShape(3, 20, 20));
  }

  private ImageShape timed(@Nullable Integer resize) throws Exception {
    Splits data = NoiseImages.splits(List.of("a", "b"), 4);
    Path file = folder.resolve("teacher.onnx");
    try (TensorScope scope = TensorScope.open()) {
      Network network =
          Networks.create("resnet8", OWN, 2, ScalarType.Float, RandomSource.of(5, "teacher"));
      ModelInfo info = new ModelInfo(data.classes(), data.statistics(), Map.of());
      Files.write(file, new OnnxExport(true, resize, 1).bytes(new LoadedModel(network, info)));
    }
    return new ServedTeacher(TeacherConfiguration.of(file.toString()), data)
        .given()
        .orElseThrow()
        .image();
  }
}
