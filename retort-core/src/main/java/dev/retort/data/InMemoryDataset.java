package dev.retort.data;

import dev.retort.system.Sha256;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Images of one size whose pixels lie in one array, once. */
public final class InMemoryDataset implements Dataset {
  private final String name;
  private final List<String> classes;
  private final ImageShape shape;
  private final byte[] pixels;
  private final int[] labels;
  private volatile @Nullable String digest;

  /**
   * @param shape of every image
   * @param pixels image after image, each row by row with interleaved channels as in {@link
   *     PixelView}; kept, not copied
   * @param labels one for each image, an index into the classes or {@link #UNLABELLED}; kept
   * @throws IllegalArgumentException if the lengths do not agree or a label is out of range
   */
  public InMemoryDataset(
      String name, List<String> classes, ImageShape shape, byte[] pixels, int[] labels) {
    if (pixels.length != (long) labels.length * shape.values()) {
      throw new IllegalArgumentException(
          "%s images of %s need %s bytes, not %s"
              .formatted(
                  labels.length, shape, (long) labels.length * shape.values(), pixels.length));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < UNLABELLED || labels[i] >= classes.size()) {
        throw new IllegalArgumentException(
            "image " + i + " has label " + labels[i] + " of " + classes.size() + " classes");
      }
    }
    this.name = name;
    this.classes = List.copyOf(classes);
    this.shape = shape;
    this.pixels = pixels;
    this.labels = labels;
  }

  @Override
  public String name() {
    return name;
  }

  /** Computed on the first call, 1 to 2 GB/s, and kept. */
  @Override
  public String digest() {
    String known = digest;
    if (known == null) {
      Sha256 sha = new Sha256().text("images").numbers(classes.size());
      classes.forEach(sha::text);
      known =
          sha.numbers(shape.channels(), shape.height(), shape.width(), labels.length)
              .numbers(labels)
              .bytes(pixels)
              .hex();
      digest = known;
    }
    return known;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void read(int index, PixelView into) {
    into.set(pixels, Math.multiplyExact(index, shape.values()), shape);
  }
}
