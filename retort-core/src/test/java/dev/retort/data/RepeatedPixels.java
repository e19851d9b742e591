package dev.retort.data;

import java.util.List;

/**
 * Pictures that have, at a multiple of their size, each pixel so many times across and down: what a
 * view at that size shows can be told from an enlarged view, whose pixels are mixed.
 *
 * @param small the pictures at their smallest size
 * @param shape that size
 * @param times 1, or the multiple
 */
public record RepeatedPixels(Dataset small, ImageShape shape, int times) implements Dataset {
  @Override
  public String name() {
    return small.name();
  }

  @Override
  public String digest() {
    return small.digest();
  }

  @Override
  public List<String> classes() {
    return small.classes();
  }

  @Override
  public int size() {
    return small.size();
  }

  @Override
  public int label(int index) {
    return small.label(index);
  }

  @Override
  public boolean decodes() {
    return true;
  }

  @Override
  public Dataset framed(ImageShape wanted) {
    return new RepeatedPixels(small, shape, wanted.height() / shape.height());
  }

  @Override
  public void read(int index, PixelView into) {
    PixelView view = new PixelView();
    small.read(index, view);
    ImageShape large =
        new ImageShape(shape.channels(), times * shape.height(), times * shape.width());
    byte[] pixels = new byte[large.values()];
    for (int i = 0; i < pixels.length; i++) {
      int row = i / (large.width() * large.channels()) / times;
      int column = i / large.channels() % large.width() / times;
      int from = (row * shape.width() + column) * shape.channels() + i % shape.channels();
      pixels[i] = view.pixels()[view.offset() + from];
    }
    into.set(pixels, 0, large);
  }
}
