package dev.retort.export;

import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageFile.Picture;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.PixelView;
import dev.retort.data.Resizing;
import dev.retort.data.Subset;
import dev.retort.engine.RandomSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Real images to try an exported file on. */
public final class ExportImages {
  private static final int BUNDLED = 200;

  /** Their bytes at most: 200 of 331 × 331 pixels in colours. */
  private static final int BUNDLED_VALUES = 1 << 26;

  /** How many of the user's own are enough. */
  private static final int MOST = 1000;

  private ExportImages() {}

  /** At most 1,000 of a user's images, drawn from all of them: they may be in order of classes. */
  public static Dataset drawn(Dataset images) {
    return Subset.drawn(images, MOST, RandomSource.of(0, "images to try"));
  }

  /**
   * Bundled photographs, brought to a network's shape. They show other things than its classes,
   * which does not matter to whether two programs compute the same of them.
   *
   * @throws IllegalArgumentException if the network reads neither colour nor grey images
   * @throws dev.retort.data.DataException if the artifact with the photographs is missing
   */
  public static Dataset bundled(ImageShape shape) {
    if (shape.channels() != 1 && shape.channels() != 3) {
      throw new IllegalArgumentException(
          "the network reads images of %s channels; give such images for the check (--data DATA)"
              .formatted(shape.channels()));
    }
    Dataset photographs = DatasetSource.parse("cifar10-mini", Path.of("")).open().test();
    int count = Math.max(1, Math.min(BUNDLED, BUNDLED_VALUES / shape.values()));
    byte[] pixels = new byte[count * shape.values()];
    PixelView view = new PixelView();
    for (int i = 0; i < count; i++) {
      photographs.read(i, view);
      byte[] own =
          Arrays.copyOfRange(
              view.pixels(), view.offset(), view.offset() + ImageShape.CIFAR.values());
      byte[] fitted = Resizing.fit(new Picture(own, ImageShape.CIFAR), shape).pixels();
      System.arraycopy(fitted, 0, pixels, i * shape.values(), shape.values());
    }
    int[] labels = new int[count];
    Arrays.fill(labels, Dataset.UNLABELLED);
    return new InMemoryDataset("cifar10-mini/test", List.of("a", "b"), shape, pixels, labels);
  }
}
