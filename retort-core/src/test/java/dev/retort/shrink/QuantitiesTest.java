package dev.retort.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({"1ms, 0.001", "800us, 0.0008", "800 µs, 0.0008", "0.8ms, 0.0008", "2s, 2"})
  void timesHaveAUnit(String text, double seconds) {
    assertThat(Quantities.seconds(text)).isEqualTo(seconds);
  }

  @ParameterizedTest
  @CsvSource({
    "5MB, 5000000",
    "800kB, 800000",
    "1.5 MB, 1500000",
    "2MiB, 2097152",
    "100B, 100",
    "8.2MB, 8200000"
  })
  void sizesHaveAUnit(String text, long bytes) {
    assertThat(Quantities.bytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "ms", "-1ms", "0ms", "1 day", "1e3ms", "5MB", ""})
  void whatIsNoTimeIsRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> Quantities.seconds(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + text + "' is not a time such as 1ms or 800us");
  }

  @Test
  void whatIsNoSizeIsRefusedWithAnExample() {
    assertThatThrownBy(() -> Quantities.bytes("5 m"))
        .hasMessage("'5 m' is not a size such as 5MB or 800kB");
  }

  @Test
  void textsHaveThreeDigits() {
    assertThat(Quantities.time(0.0008)).isEqualTo("0.800 ms");
    assertThat(Quantities.time(0.00125)).isEqualTo("1.25 ms");
    assertThat(Quantities.size(320_400)).isEqualTo("320 kB");
    assertThat(Quantities.size(5_000_000)).isEqualTo("5.00 MB");
    assertThat(Quantities.size(999_600)).isEqualTo("1.00 MB");
    assertThat(Quantities.size(100)).isEqualTo("100 B");
  }

  /** 0.250404 ms are beyond a limit of 0.25 ms, and so are a millionth of it more. */
  @Test
  void aTimeAboveALimitNeverReadsLikeIt() {
    assertThat(Quantities.time(0.250404e-3, 0.25e-3)).isEqualTo("0.2504 ms");
    assertThat(Quantities.time(0.25000025e-3, 0.25e-3)).isEqualTo("0.2500003 ms");
    assertThat(Quantities.time(0.25e-3, 0.25e-3)).isEqualTo("0.250 ms");
    assertThat(Quantities.time(0.249996e-3, 0.25e-3)).isEqualTo("0.250 ms");
    assertThat(Quantities.time(0.251e-3, 0.25e-3)).isEqualTo("0.251 ms");
    assertThat(Quantities.time(12.34e-3, 12.3e-3)).isEqualTo("12.34 ms");
  }

  /** Also where value and limit have the same three digits. */
  @Test
  void anExcessHasTwoDigits() {
    assertThat(Quantities.excess(1.004e-3, 1e-3)).isEqualTo("0.40 %");
    assertThat(Quantities.excess(322_600, 322_550)).isEqualTo("0.016 %");
    assertThat(Quantities.excess(3, 2)).isEqualTo("50 %");
  }
}
