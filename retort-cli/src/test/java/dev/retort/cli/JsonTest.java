package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTest {
  record Numbers(double one, double[] several, List<Double> more) {}

  @Test
  void aNumberThatIsNotFiniteIsNullWhereverItStands() {
    double[] several = {1.5, Double.NaN, Double.NEGATIVE_INFINITY};
    assertThat(Json.of(new Numbers(Double.NaN, several, List.of(2.5, Double.NaN))))
        .isEqualToIgnoringWhitespace(
            "{\"one\": null, \"several\": [1.5, null, null], \"more\": [2.5, null]}");
  }
}
