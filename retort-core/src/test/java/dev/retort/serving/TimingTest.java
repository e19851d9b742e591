package dev.retort.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Protects the units of every time in a table and in a budget. */
class TimingTest {
  @Test
  void theTimersNanosecondsBecomeSecondsAndMilliseconds() {
    Timing timing = Timing.read("timing 0 1 1200 1500000 2500000 1400000 1600000".split(" ", -1));

    assertThat(timing).isEqualTo(new Timing(1200, 0.0015, 0.0025, List.of(0.0014, 0.0016)));
    assertThat(timing.p50Milliseconds()).isCloseTo(1.5, within(1e-12));
    assertThat(timing.p99Milliseconds()).isCloseTo(2.5, within(1e-12));
    assertThat(timing.roundsMilliseconds()).hasSize(2);
    assertThat(timing.roundsMilliseconds().get(0)).isCloseTo(1.4, within(1e-12));
  }

  /** Where numbers are formatted in the machine's language, Persian has digits of its own. */
  @Test
  void theTimersLinesAreTheSameInEveryLanguage() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      assertThat(ServingTimer.timing(0, 32, 1200, 1500000, 2500000, List.of(1400000L, 1600000L)))
          .isEqualTo("timing 0 32 1200 1500000 2500000 1400000 1600000");
    } finally {
      Locale.setDefault(before);
    }
  }

  /** 32 images in 40 milliseconds. */
  @Test
  void theImagesOfASecondAreThoseOfItsBatches() {
    Timing single = new Timing(1000, 0.002, 0.003, List.of());
    Timing batch = new Timing(100, 0.04, 0.05, List.of());
    assertThat(new Timings(single, batch).imagesPerSecond()).isCloseTo(800, within(1e-9));
    assertThat(new Timings(single, null).imagesPerSecond()).isNull();
  }
}
