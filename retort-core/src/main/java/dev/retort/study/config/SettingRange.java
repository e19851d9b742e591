package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values that a search draws a setting from. YAML: a list of them, {@code {log: [LOW, HIGH]}}
 * for all numbers between two, evenly on a logarithmic scale, or {@code {linear: [LOW, HIGH]}}.
 * Exactly one of the three.
 *
 * @param choices at least one, none twice
 * @param log {low, high}, 0 &lt; low &lt; high
 * @param linear {low, high}, low &lt; high
 */
public record SettingRange(
    @JsonProperty("choices") @Nullable List<Object> choices,
    @JsonProperty("log") @Nullable List<Double> log,
    @JsonProperty("linear") @Nullable List<Double> linear) {
  /** Settings are to be read and typed: so many significant digits of a drawn number are kept. */
  private static final MathContext DIGITS = new MathContext(3);

  /** What counts as the edge of a range, as a part of it. */
  private static final double EDGE = 0.1;

  /** What lies just beyond a range, as a part of it. */
  private static final double BEYOND = 0.001;

  @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
  public SettingRange {
    if ((choices == null ? 0 : 1) + (log == null ? 0 : 1) + (linear == null ? 0 : 1) != 1) {
      throw new IllegalArgumentException(
          "a range is a list of values, {log: [LOW, HIGH]} or {linear: [LOW, HIGH]}");
    }
    if (choices != null) {
      choices = List.copyOf(choices);
      if (choices.isEmpty()
          || choices.stream().map(SettingRange::comparable).distinct().count() < choices.size()) {
        throw new IllegalArgumentException(
            "a list of values to choose from has at least one, and none twice, not " + choices);
      }
    }
    log = log == null ? null : bounds("log", log);
    linear = linear == null ? null : bounds("linear", linear);
    if (log != null && !(log.get(0) > 0)) {
      throw new IllegalArgumentException(
          "log must be of numbers above 0, not %s: a logarithmic scale has no 0".formatted(log));
    }
  }

  /** A list of values. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static SettingRange of(List<Object> choices) {
    return new SettingRange(choices, null, null);
  }

  /** 1 and 1.0 are one number. */
  private static Object comparable(Object choice) {
    return choice instanceof Number number ? (Object) number.doubleValue() : choice;
  }

  private static List<Double> bounds(String scale, List<Double> bounds) {
    if (bounds.size() != 2 || !(bounds.get(0) < bounds.get(1))) {
      throw new IllegalArgumentException(
          scale + " must be [LOW, HIGH] with LOW below HIGH, not " + bounds);
    }
    return List.copyOf(bounds);
  }

  /** As YAML has it. */
  @JsonValue
  public Object written() {
    if (choices != null) {
      return choices;
    }
    return log != null ? Map.of("log", log) : Map.of("linear", Objects.requireNonNull(linear));
  }

  /** As YAML has it, on one line. */
  @Override
  public String toString() {
    List<?> values = choices != null ? choices : log != null ? log : linear;
    String text = text(values);
    return choices != null ? text : "{%s: %s}".formatted(log != null ? "log" : "linear", text);
  }

  /** A value, or a list of them, in text: whole numbers without a fraction. */
  public static String text(@Nullable Object value) {
    return String.valueOf(value).replaceAll("\\.0(?![0-9])", "");
  }

  /** Whether a figure should show it on a logarithmic scale. */
  public boolean isLogarithmic() {
    return log != null;
  }

  /**
   * The value at a place.
   *
   * @param quantile in [0, 1)
   * @param whole whether the setting is a whole number
   */
  Object at(double quantile, boolean whole) {
    if (choices != null) {
      return choices.get((int) (quantile * choices.size()));
    }
    if (whole) { // each of them has an equal part of the scale up to the next
      double end = toScale(bound(1) + 1);
      long drawn = (long) Math.floor(fromScale(low() + quantile * (end - low())));
      return Math.max((long) bound(0), Math.min((long) bound(1), drawn));
    }
    double value = fromScale(low() + quantile * (high() - low()));
    return Math.max(bound(0), Math.min(bound(1), rounded(value)));
  }

  /** To three digits: of the number on a logarithmic scale, of the range's width on another. */
  private double rounded(double value) {
    BigDecimal exact = new BigDecimal(value);
    if (log != null) {
      return exact.round(DIGITS).doubleValue();
    }
    int ofWidth = (int) Math.floor(Math.log10(high() - low()));
    int scale = DIGITS.getPrecision() - 1 - ofWidth;
    return exact.setScale(scale, RoundingMode.HALF_EVEN).doubleValue();
  }

  /** Whether one of its numbers is not whole. */
  boolean hasFractions() {
    List<?> numbers = choices != null ? choices : log != null ? log : linear;
    return Objects.requireNonNull(numbers).stream()
        .anyMatch(each -> each instanceof Number number && number.doubleValue() % 1 != 0);
  }

  private double low() {
    return toScale(bound(0));
  }

  private double high() {
    return toScale(bound(1));
  }

  private double bound(int index) {
    return Objects.requireNonNull(log == null ? linear : log).get(index);
  }

  private double toScale(double value) {
    return log == null ? value : Math.log(value);
  }

  private double fromScale(double value) {
    return log == null ? value : Math.exp(value);
  }

  /**
   * Where a search should look further if this value is the best: a value a little beyond the end
   * of the range that it is at, the first or last of a list of three numbers or more, or in the
   * outer tenth of a scale.
   *
   * @return null if the value is not at an end
   */
  @Nullable Double beyondEdge(@Nullable Object value) {
    if (!(value instanceof Number number)) {
      return null;
    }
    double found = number.doubleValue();
    if (choices != null) {
      return beyondEnd(found);
    }
    if (log != null && !(found > 0)) {
      return null;
    }
    double width = high() - low();
    double place = toScale(found);
    if (place < low() + EDGE * width) {
      return fromScale(Math.min(place, low()) - BEYOND * width);
    }
    return place > high() - EDGE * width
        ? fromScale(Math.max(place, high()) + BEYOND * width)
        : null;
  }

  private @Nullable Double beyondEnd(double found) {
    List<Object> all = Objects.requireNonNull(choices);
    if (!all.stream().allMatch(Number.class::isInstance)) {
      return null;
    }
    double[] sorted = all.stream().mapToDouble(each -> ((Number) each).doubleValue()).toArray();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    if (last < 2) { // a choice between two has no inside
      return null;
    }
    if (found <= sorted[0]) {
      return found - BEYOND * (sorted[1] - sorted[0]);
    }
    return found >= sorted[last] ? found + BEYOND * (sorted[last] - sorted[last - 1]) : null;
  }
}
