package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SettingRangeTest {
  private static SettingRange linear(double low, double high) {
    return new SettingRange(null, null, List.of(low, high));
  }

  /** Of three whole numbers each has a third. */
  @Test
  void wholeNumbersAreEquallyLikely() {
    SettingRange range = linear(1, 3);
    assertThat(DoubleStream.of(0, 0.33, 0.34, 0.66, 0.67, 0.999).mapToObj(q -> range.at(q, true)))
        .containsExactly(1L, 1L, 2L, 2L, 3L, 3L);
  }

  @Test
  void aNumberIsGivenOnceHoweverItIsWritten() {
    assertThatThrownBy(() -> SettingRange.of(List.of(1, 1.0, 10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none twice, not [1, 1.0, 10]");
  }

  /**
   * Of 0 … 0.95, a value of 0.94 lies in the outer tenth: what comes next is a little above 0.95.
   */
  @Test
  void whatLiesBeyondAnEdgeIsJustBeyondIt() {
    assertThat(linear(0, 0.95).beyondEdge(0.94)).isCloseTo(0.95095, within(1e-12));
    assertThat(linear(0, 0.95).beyondEdge(0.5)).isNull();
    assertThat(SettingRange.of(List.of(1, 2, 4)).beyondEdge(4.0)).isCloseTo(4.002, within(1e-12));
  }

  /** Three digits of the width, 0.8, are steps of 0.001; none leads out of the range. */
  @Test
  void aNumberStaysInsideANarrowRangeThatIsFarFromZero() {
    assertThat(DoubleStream.of(0, 0.5, 0.9999).mapToObj(q -> linear(100.1, 100.9).at(q, false)))
        .containsExactly(100.1, 100.5, 100.9);
    assertThat(linear(0, 0.9999).at(0.99999, false)).isEqualTo(0.9999);
    assertThat(new SettingRange(null, List.of(0.1, 10.0), null).at(0.5, false)).isEqualTo(1.0);
  }
}
