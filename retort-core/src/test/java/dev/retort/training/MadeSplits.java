package dev.retort.training;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import java.util.List;
import java.util.Random;

/** Images of noise in three classes: 24 to train on, 8 to validate and 8 to test. */
final class MadeSplits {
  static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  static final List<String> CLASSES = List.of("a", "b", "c");

  private MadeSplits() {}

  static Splits make() {
    Dataset train = images("train", 24);
    return new Splits(
        "made",
        train,
        images("validation", 8),
        images("test", 8),
        SHAPE,
        ChannelStatistics.of(train));
  }

  private static Dataset images(String name, int count) {
    byte[] pixels = new byte[count * SHAPE.values()];
    new Random(name.hashCode()).nextBytes(pixels);
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % CLASSES.size();
    }
    return new InMemoryDataset(name, CLASSES, SHAPE, pixels, labels);
  }
}
