package dev.retort.study;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A small data set of random pixels, the same each time. */
public final class NoiseImages {
  public static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  private NoiseImages() {}

  /** 24 training, 16 validation and {@code test} test images, of each class in turn. */
  public static Splits splits(List<String> classes, int test) {
    return splits(classes, 16, test);
  }

  /** The same with so many validation images. */
  public static Splits splits(List<String> classes, int validation, int test) {
    Dataset train = images("train", classes, 24);
    return new Splits(
        "made",
        train,
        images("validation", classes, validation),
        images("test", classes, test),
        SHAPE,
        ChannelStatistics.of(train));
  }

  /** Writes down a network of such images that has learnt nothing. */
  static Path untrained(Path file, Splits data) {
    try (TensorScope scope = TensorScope.open()) {
      Network network =
          Networks.create(
              "resnet8",
              SHAPE,
              data.classes().size(),
              ScalarType.Float,
              RandomSource.of(5, "teacher"));
      ModelInfo info = new ModelInfo(data.classes(), data.statistics(), Map.of());
      ModelFile.save(network, info, file, TensorType.F32);
    }
    return file;
  }

  /** So many images, of each class in turn. */
  static Dataset images(String name, List<String> classes, int count) {
    byte[] pixels = new byte[count * SHAPE.values()];
    new Random(name.hashCode()).nextBytes(pixels);
    int[] labels = IntStream.range(0, count).map(i -> i % classes.size()).toArray();
    return new InMemoryDataset(name, classes, SHAPE, pixels, labels);
  }
}
