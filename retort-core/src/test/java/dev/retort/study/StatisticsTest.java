package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against {@code statistics.json}, made by {@code src/test/python/golden_statistics.py}. */
@NullUnmarked
class StatisticsTest {
  private static final Percentage TIGHT = Percentage.withPercentage(1e-7);

  static Stream<JsonNode> cases(String of) {
    try (InputStream in = StatisticsTest.class.getResourceAsStream("statistics.json")) {
      List<JsonNode> cases = new ArrayList<>();
      new ObjectMapper().readTree(Objects.requireNonNull(in)).get(of).forEach(cases::add);
      return cases.stream();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<JsonNode> paired() {
    return cases("paired");
  }

  static Stream<JsonNode> power() {
    return cases("power");
  }

  static Stream<JsonNode> detectable() {
    return cases("detectable");
  }

  static Stream<JsonNode> holm() {
    return cases("holm");
  }

  private static List<Double> numbers(JsonNode list) {
    List<Double> numbers = new ArrayList<>();
    list.forEach(number -> numbers.add(number.doubleValue()));
    return numbers;
  }

  @ParameterizedTest
  @MethodSource
  void paired(JsonNode golden) {
    var paired = Statistics.paired(numbers(golden.get("differences")));
    assertThat(paired.n()).isEqualTo(golden.get("differences").size());
    assertThat(paired.mean()).isCloseTo(golden.get("mean").doubleValue(), TIGHT);
    assertThat(paired.standardDeviation()).isCloseTo(golden.get("sd").doubleValue(), TIGHT);
    assertThat(paired.interval().get(0)).isCloseTo(golden.get("low").doubleValue(), TIGHT);
    assertThat(paired.interval().get(1)).isCloseTo(golden.get("high").doubleValue(), TIGHT);
    assertThat(paired.pValue()).isCloseTo(golden.get("p").doubleValue(), TIGHT);
  }

  @ParameterizedTest
  @MethodSource
  void power(JsonNode golden) {
    assertThat(Statistics.power(golden.get("n").intValue(), golden.get("effect").doubleValue()))
        .isCloseTo(golden.get("power").doubleValue(), within(1e-9));
  }

  @ParameterizedTest
  @MethodSource
  void detectable(JsonNode golden) {
    double effect = golden.get("effect").doubleValue();
    assertThat(Statistics.detectableDifference(golden.get("n").intValue(), 0.004))
        .isCloseTo(effect * 0.004, within(1e-10));
  }

  @ParameterizedTest
  @MethodSource
  void holm(JsonNode golden) {
    List<Double> adjusted = Statistics.holm(numbers(golden.get("p")));
    List<Double> expected = numbers(golden.get("adjusted"));
    assertThat(adjusted).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(adjusted.get(i)).isCloseTo(expected.get(i), within(1e-12));
    }
  }

  @Test
  void aTestThatCouldNotBeMadeStillCountsInTheFamily() {
    assertThat(Statistics.holm(Arrays.asList(0.01, null, 0.03))).containsExactly(0.03, null, 0.06);
  }

  @Test
  void oneSeedHasNoSpreadNoIntervalAndNoP() {
    var paired = Statistics.paired(List.of(0.02));
    assertThat(paired.n()).isEqualTo(1);
    assertThat(paired.mean()).isEqualTo(0.02);
    assertThat(paired.standardDeviation()).isNull();
    assertThat(paired.interval()).isNull();
    assertThat(paired.pValue()).isNull();
    assertThat(Statistics.standardDeviation(List.of(0.9))).isNull();
    assertThat(Statistics.detectableDifference(1, null)).isNull();
  }

  @Test
  void equalDifferencesAreNoProof() {
    for (var equal : List.of(List.of(0.25, 0.25, 0.25), List.of(0.3 - 0.2, 0.2 - 0.1, 0.9 - 0.8))) {
      var paired = Statistics.paired(equal);
      assertThat(paired.interval()).isNull();
      assertThat(paired.pValue()).isNull();
    }
    assertThat(Statistics.detectableDifference(3, 0.0)).isNull();
  }

  @Test
  void noPairsHaveNoMean() {
    assertThat(Statistics.paired(List.of()))
        .isEqualTo(new Statistics.PairedDifference(0, null, null, null, null));
  }

  /**
   * Wilson's interval of 81 of 263, from Newcombe (1998, Statistics in Medicine 17, 857–872, table
   * I): 0.2553 to 0.3662. Of none of 20 it is 0 to 0.1611.
   */
  @Test
  void aSharesIntervalIsWilsons() {
    assertThat(Statistics.shareInterval(81.0 / 263, 263).get(0)).isCloseTo(0.2553, within(5e-5));
    assertThat(Statistics.shareInterval(81.0 / 263, 263).get(1)).isCloseTo(0.3662, within(5e-5));
    assertThat(Statistics.shareInterval(0, 20).get(0)).isCloseTo(0, within(1e-12));
    assertThat(Statistics.shareInterval(0, 20).get(1)).isCloseTo(0.1611, within(5e-5));
  }

  /**
   * Approval ratings of Agresti and Min 2005 (794, 150, 86 and 570 of 1,600). By the table with
   * half a person more in each cell: shares 150.5 / 1602 and 86.5 / 1602, of whose multinomial
   * distribution the difference has the variance (p + q − (p − q)²) / 1602.
   */
  @Test
  void aDifferenceOfSharesOfTheSameImagesHasThePairedInterval() {
    assertThat(Statistics.pairedShareInterval(150, 86, 1600).get(0))
        .isCloseTo(0.021217, within(5e-6));
    assertThat(Statistics.pairedShareInterval(150, 86, 1600).get(1))
        .isCloseTo(0.058683, within(5e-6));
    assertThat(Statistics.pairedShareInterval(0, 0, 100).get(1)).isGreaterThan(0.01);
  }
}
