package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTest {
  record Numbers(double one, List<Double> several) {}

  @Test
  void aNumberThatIsNotFiniteIsNullWhereverItStands() {
    List<Double> several = List.of(1.5, Double.NaN, Double.NEGATIVE_INFINITY);
    assertThat(Json.of(new Numbers(Double.NaN, several)))
        .isEqualToIgnoringWhitespace("{\"one\": null, \"several\": [1.5, null, null]}");
  }
}
