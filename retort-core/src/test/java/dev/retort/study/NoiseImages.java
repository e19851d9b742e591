package dev.retort.study;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** A small data set of random pixels, the same each time. */
public final class NoiseImages {
  public static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  private NoiseImages() {}

  /** 24 training, 16 validation and {@code test} test images, of each class in turn. */
  public static Splits splits(List<String> classes, int test) {
    Dataset train = images("train", classes, 24);
    return new Splits(
        "made",
        train,
        images("validation", classes, 16),
        images("test", classes, test),
        SHAPE,
        ChannelStatistics.of(train));
  }

  private static Dataset images(String name, List<String> classes, int count) {
    byte[] pixels = new byte[count * SHAPE.values()];
    new Random(name.hashCode()).nextBytes(pixels);
    int[] labels = IntStream.range(0, count).map(i -> i % classes.size()).toArray();
    return new InMemoryDataset(name, classes, SHAPE, pixels, labels);
  }
}
