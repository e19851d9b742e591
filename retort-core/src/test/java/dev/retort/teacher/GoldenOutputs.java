package dev.retort.teacher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Precision;
import dev.retort.engine.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The images of {@code golden_external.py}, and the logits of its networks. */
final class GoldenOutputs {
  static final Path FILES = Path.of("src/test/resources/dev/retort/teacher/external");

  static final ImageShape SHAPE = new ImageShape(3, 16, 16);

  static final List<String> CLASSES = List.of("a", "b", "c", "d", "e");

  static final ChannelStatistics UNIT = new ChannelStatistics(new float[3], new float[] {1, 1, 1});

  /** As the networks see images. */
  static final ChannelStatistics IMAGENET =
      new ChannelStatistics(
          new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

  private GoldenOutputs() {}

  static Splits data() {
    return data(CLASSES, UNIT);
  }

  static Splits data(List<String> classes, ChannelStatistics statistics) {
    byte[] pixels = new byte[4 * SHAPE.values()];
    for (int n = 0; n < 4; n++) {
      for (int i = 0; i < SHAPE.values(); i++) {
        pixels[n * SHAPE.values() + i] = (byte) ((7919 * i + 31 * n) % 251);
      }
    }
    Dataset all = new InMemoryDataset("golden", classes, SHAPE, pixels, new int[4]);
    return new Splits("golden", all, all, all, SHAPE, statistics);
  }

  static double[] logits(Teacher teacher, Splits data) {
    try (BatchStream stream =
        BatchStream.evaluation(data.test(), SHAPE, data.statistics(), 4, Precision.FP32)) {
      Batch batch = stream.all().iterator().next();
      return Tensors.toDoubles(teacher.activations(batch, Set.of()).logits());
    }
  }

  static double[] centred(double[] logits, int classes) {
    double[] centred = logits.clone();
    for (int i = 0; i < centred.length; i++) {
      int row = i / classes * classes;
      centred[i] -= Arrays.stream(logits, row, row + classes).sum() / classes;
    }
    return centred;
  }

  static double[] golden() throws IOException {
    return golden("logits");
  }

  static double[] golden(String key) throws IOException {
    JsonNode values = new ObjectMapper().readTree(FILES.resolve("golden.json").toFile()).get(key);
    double[] golden = new double[values.size()];
    for (int i = 0; i < golden.length; i++) {
      golden[i] = values.get(i).asDouble();
    }
    return golden;
  }
}
