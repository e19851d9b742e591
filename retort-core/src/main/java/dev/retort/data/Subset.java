package dev.retort.data;

import dev.retort.engine.RandomSource;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Some images of a data set, in a given order. Image i of the subset is image indices[i]. */
public final class Subset implements Dataset {
  private final Dataset whole;
  private final String name;
  private final int[] indices;
  private volatile @Nullable String digest;

  /**
   * @throws IllegalArgumentException if an index is outside the whole
   */
  public Subset(String name, Dataset whole, int[] indices) {
    for (int index : indices) {
      if (index < 0 || index >= whole.size()) {
        throw new IllegalArgumentException(
            name + ": no image " + index + " among the " + whole.size() + " of " + whole.name());
      }
    }
    this.name = name;
    this.whole = whole;
    this.indices = indices.clone();
  }

  /**
   * Some images drawn at random, in the order of the whole; the whole itself where it has no more.
   * The first ones would not do: data sets may be in the order of their classes.
   */
  public static Dataset drawn(Dataset whole, int count, RandomSource random) {
    if (whole.size() <= count) {
      return whole;
    }
    int[] order = random.permutation(whole.size());
    return new Subset(whole.name(), whole, Arrays.stream(order).limit(count).sorted().toArray());
  }

  /** The first images of a data set, at most so many. */
  public static Subset first(Dataset whole, int count) {
    int[] indices = IntStream.range(0, Math.min(count, whole.size())).toArray();
    return new Subset(whole.name(), whole, indices);
  }

  @Override
  public String name() {
    return name;
  }

  /** A function of the whole's digest and the indices. */
  @Override
  public String digest() {
    String known = digest;
    if (known == null) {
      known = new Sha256().text("subset").text(whole.digest()).numbers(indices).hex();
      digest = known;
    }
    return known;
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public Numbering numbering() {
    return whole.numbering();
  }

  @Override
  public int number(int index) {
    return whole.number(indices[index]);
  }

  @Override
  public int label(int index) {
    return whole.label(indices[index]);
  }

  @Override
  public void read(int index, PixelView into) {
    whole.read(indices[index], into);
  }

  @Override
  public boolean decodes() {
    return whole.decodes();
  }

  @Override
  public Dataset framed(ImageShape shape) {
    Dataset framed = whole.framed(shape);
    return framed == whole ? this : new Subset(name, framed, indices);
  }

  @Override
  public Optional<byte[]> file(int index) throws IOException {
    return whole.file(indices[index]);
  }
}
