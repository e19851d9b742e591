package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Protects: outputs that were kept of some views are not taken for those of others. */
class ViewSourceTest {
  private static final ImageShape STORED = new ImageShape(3, 4, 4);
  private static final ImageShape READ = new ImageShape(3, 6, 5);
  private static final Dataset IMAGES = images(0);

  private static Dataset images(int lastValue) {
    byte[] pixels = new byte[2 * STORED.values()];
    pixels[pixels.length - 1] = (byte) lastValue;
    return new InMemoryDataset("made", List.of("a"), STORED, pixels, new int[2]);
  }

  /** Of the last channel. */
  private static ChannelStatistics statistics(float mean, float deviation) {
    return new ChannelStatistics(
        new float[] {0.5f, 0.5f, mean}, new float[] {0.2f, 0.2f, deviation});
  }

  private static ViewSource standard(
      Dataset dataset, ImageShape shape, float mean, float deviation) {
    return ViewSource.of(dataset, shape, statistics(mean, deviation), Augmentation.STANDARD, 7);
  }

  @Test
  void whateverChangesAViewChangesItsSourcesKey() {
    ViewSource source = standard(IMAGES, READ, 0.4f, 0.3f);
    ChannelStatistics own = statistics(0.4f, 0.3f);
    // Both shapes are another one than the images' own, so that resizing does not tell them apart.
    Map<String, ViewSource> others =
        Map.of(
            "a pixel", standard(images(1), READ, 0.4f, 0.3f),
            "the shape", standard(IMAGES, new ImageShape(3, 5, 6), 0.4f, 0.3f),
            "a mean", standard(IMAGES, READ, 0.41f, 0.3f),
            "a deviation", standard(IMAGES, READ, 0.4f, 0.31f),
            "the augmentation", ViewSource.of(IMAGES, READ, own, Augmentation.NONE, 7),
            "its seed", ViewSource.of(IMAGES, READ, own, Augmentation.STANDARD, 8));

    assertThat(standard(images(0), READ, 0.4f, 0.3f)).isEqualTo(source);
    assertThat(others)
        .allSatisfy((what, other) -> assertThat(other.key()).isNotEqualTo(source.key()));
  }
}
