package dev.retort.study;

import dev.retort.data.Dataset;
import dev.retort.data.PixelView;
import java.util.List;

/**
 * A data set that is heard.
 *
 * @param onRead is run whenever an image is read
 */
record ListenedDataset(Dataset images, Runnable onRead) implements Dataset {
  @Override
  public String name() {
    return images.name();
  }

  @Override
  public String digest() {
    return images.digest();
  }

  @Override
  public List<String> classes() {
    return images.classes();
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public int label(int index) {
    return images.label(index);
  }

  @Override
  public void read(int index, PixelView into) {
    onRead.run();
    images.read(index, into);
  }
}
