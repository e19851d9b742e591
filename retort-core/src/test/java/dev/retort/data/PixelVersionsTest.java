package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Augmentation.Flip;
import dev.retort.data.Augmentation.Padding;
import dev.retort.data.ImageFile.Picture;
import dev.retort.engine.RandomSource;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Protects: what is kept of pictures and of teachers' outputs is not taken for what other code
 * computes. Whoever changes pixels or views fails here, and raises the version; {@code
 * ImageFileTest} and {@code ViewRendererTest} say whether they are right.
 */
class PixelVersionsTest {
  private static final Path PICTURES = Path.of("src/test/resources/dev/retort/data/pictures");

  /** Those that Java decodes: a JPEG's last bits are the system's library's. */
  private static final List<String> EXACT =
      List.of(
          "grey.png",
          "grey16.png",
          "large.png",
          "lossy.webp",
          "waves.webp",
          "palette.gif",
          "rgb.bmp",
          "rgb.png",
          "rgb.webp",
          "rgb16.png",
          "transparent.png",
          "turned.png",
          "turned.webp");

  @Test
  void whoeverChangesDecodedPixelsRaisesTheVersion() throws IOException {
    Sha256 sha = new Sha256();
    for (String name : EXACT) {
      add(sha, ImageFile.read(name, Files.readAllBytes(PICTURES.resolve(name))));
    }
    assertPinned(
        "ImageFile",
        ImageFile.VERSION,
        sha.hex(),
        6,
        "b83c40093d52c8384cb5301248dc9baf2e3b25b76edc056871968c848e3a70fa");
  }

  @Test
  void whoeverChangesResizedPixelsRaisesTheVersion() {
    Sha256 sha = new Sha256();
    for (int channels : new int[] {1, 3}) {
      Picture picture = made(channels, 61, 47);
      for (int size : new int[] {16, 47, 96}) {
        ImageShape shape = new ImageShape(3, size, size);
        add(sha, Resizing.fit(picture, shape));
        add(sha, Resizing.fit(picture, shape, 0.875));
        add(sha, Resizing.crop(picture, new RandomResizedCrop.Box(3, 5, 40, 31), shape));
      }
    }
    add(sha, Resizing.fit(made(3, 20, 30), new ImageShape(1, 12, 12)));
    assertPinned(
        "Resizing",
        Resizing.VERSION,
        sha.hex(),
        2,
        "434e6514d16f7274d21189522e126aadb5d7f205bfef2fbbab7c74d2eb5d21f3");
  }

  @Test
  void whoeverChangesViewsRaisesTheVersion() {
    int images = 8;
    Sha256 sha = new Sha256();
    for (Augmentation augmentation :
        List.of(
            Augmentation.NONE,
            Augmentation.STANDARD,
            new Augmentation(2, Padding.REFLECT, Flip.ALTERNATING, 3))) {
      add(sha, renderer(images, augmentation), images);
    }
    RandomSource crops = RandomSource.of(7, "augmentation").at("random resized crop");
    for (int sample = 0; sample < images; sample++) {
      RandomResizedCrop.Box box =
          RandomResizedCrop.STANDARD.choose(60, 80, crops.at(1).at(sample).random());
      sha.numbers(box.top(), box.left(), box.height(), box.width());
    }
    assertPinned(
        "ViewRenderer",
        ViewRenderer.VERSION,
        sha.hex(),
        1,
        "0d34e9bce026e9eb856b14eb748339eb43edd17334a237c82ce9e913cd5443e5");
  }

  private static ViewRenderer renderer(int images, Augmentation augmentation) {
    ImageShape shape = new ImageShape(3, 12, 10);
    Picture all = made(3, images * shape.height(), shape.width());
    Dataset dataset =
        new InMemoryDataset("made", List.of("a"), shape, all.pixels(), new int[images]);
    ChannelStatistics statistics =
        new ChannelStatistics(new float[] {0.4f, 0.5f, 0.6f}, new float[] {0.2f, 0.25f, 0.3f});
    return new ViewRenderer(dataset, shape, statistics, augmentation, 7);
  }

  private static void add(Sha256 sha, ViewRenderer renderer, int images) {
    for (int view = 0; view < 3; view++) {
      for (int sample = 0; sample < images; sample++) {
        for (float value : renderer.render(sample, view)) {
          sha.numbers(Float.floatToIntBits(value));
        }
      }
    }
  }

  /** What a teacher of a larger size is shown: three and a half times as large. */
  @Test
  void whoeverChangesViewsAtAnotherSizeRaisesTheVersion() {
    int images = 4;
    Sha256 sha = new Sha256();
    for (Augmentation augmentation :
        List.of(
            new Augmentation(2, Padding.ZERO, Flip.RANDOM, 3),
            new Augmentation(2, Padding.REFLECT, Flip.ALTERNATING, 0),
            new Augmentation(0, Padding.ZERO, Flip.RANDOM, 0, RandomResizedCrop.STANDARD))) {
      add(sha, renderer(images, augmentation).at(new ImageShape(3, 42, 35)), images);
    }
    assertPinned(
        "ViewRenderer",
        ViewRenderer.VERSION,
        sha.hex(),
        1,
        "0505c799a367bf2e58d5939b167a3f8be301ec3e55eca82a5ed0186129eb5e36");
  }

  private static void assertPinned(
      String of, int version, String digest, int pinnedVersion, String pinned) {
    assertThat(version + " " + digest)
        .as("%s computes other bits: raise %s.VERSION, and pin version and digest here", of, of)
        .isEqualTo(pinnedVersion + " " + pinned);
  }

  private static Picture made(int channels, int height, int width) {
    byte[] pixels = new byte[channels * height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 7919L % 251);
    }
    return new Picture(pixels, new ImageShape(channels, height, width));
  }

  private static void add(Sha256 sha, Picture picture) {
    ImageShape shape = picture.shape();
    sha.numbers(shape.channels(), shape.height(), shape.width());
    sha.bytes(picture.pixels());
  }
}
