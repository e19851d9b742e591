package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelStatisticsTest {
  @Test
  void agreeWithTheClosedFormOfUniformValues() {
    // Two grey images whose 256 pixels take each value once: mean 127.5, variance (256² − 1) / 12.
    byte[] pixels = new byte[256];
    for (int i = 0; i < 256; i++) {
      pixels[i] = (byte) (37 * i);
    }
    ChannelStatistics statistics =
        ChannelStatistics.of(dataset(new ImageShape(1, 8, 16), pixels, 2));

    assertThat(statistics.mean()[0]).isEqualTo(0.5f);
    assertThat(statistics.standardDeviation()[0])
        .isCloseTo((float) (Math.sqrt(65535 / 12.0) / 255), within(1e-8f));
  }

  @Test
  void channelsAreApart() {
    // Red 0, 255, 255, 0; green 10, 20, 10, 20; blue 1, 1, 1, 5.
    byte[] pixels = {0, 10, 1, (byte) 255, 20, 1, (byte) 255, 10, 1, 0, 20, 5};
    ChannelStatistics statistics =
        ChannelStatistics.of(dataset(new ImageShape(3, 1, 2), pixels, 2));

    assertThat(statistics.mean()).containsExactly(0.5f, 15f / 255, 2f / 255);
    assertThat(statistics.standardDeviation())
        .containsExactly(0.5f, 5f / 255, (float) (Math.sqrt(3) / 255));
  }

  @Test
  void constantChannelAndNoImagesAreRefused() {
    assertThatThrownBy(
            () ->
                ChannelStatistics.of(dataset(new ImageShape(2, 1, 2), new byte[] {1, 7, 2, 7}, 1)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("channel 1 has the same value");
    assertThatThrownBy(() -> ChannelStatistics.of(dataset(new ImageShape(1, 1, 1), new byte[0], 0)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has no images");
  }

  private static Dataset dataset(ImageShape shape, byte[] pixels, int images) {
    return new InMemoryDataset("made", List.of("a"), shape, pixels, new int[images]);
  }
}
