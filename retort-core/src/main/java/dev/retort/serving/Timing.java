package dev.retort.serving;

import java.util.Arrays;
import java.util.List;

/**
 * How long calls of ONNX Runtime took.
 *
 * @param calls how many were timed; of a file timed no further than its warm-up the quickest call
 *     alone, since programs that disturb a call make it longer
 * @param p50 the median in seconds
 * @param p99 in seconds: 99 of 100 calls took at most as long
 * @param rounds the median of each round in seconds; none where the file was timed no further than
 *     its warm-up
 */
public record Timing(int calls, double p50, double p99, List<Double> rounds) {
  /** The images of a batch whose throughput is measured. */
  public static final int BATCH = 32;

  private static final double MILLISECONDS = 1e3;
  private static final double NANOSECONDS = 1e9;

  public Timing {
    rounds = List.copyOf(rounds);
  }

  /**
   * Reads what {@link ServingTimer} prints.
   *
   * @param words {@code timing}, the file's number, the batch's size, how many calls were timed,
   *     and in nanoseconds the median, the 99th percentile, and the median of each round
   */
  static Timing read(String[] words) {
    List<Double> seconds =
        Arrays.stream(words).skip(4).map(word -> Long.parseLong(word) / NANOSECONDS).toList();
    return new Timing(
        Integer.parseInt(words[3]),
        seconds.get(0),
        seconds.get(1),
        seconds.subList(2, seconds.size()));
  }

  /** {@link #p50}, in milliseconds. */
  public double p50Milliseconds() {
    return MILLISECONDS * p50;
  }

  /** {@link #p99}, in milliseconds. */
  public double p99Milliseconds() {
    return MILLISECONDS * p99;
  }

  /** {@link #rounds}, in milliseconds. */
  public List<Double> roundsMilliseconds() {
    return rounds.stream().map(seconds -> MILLISECONDS * seconds).toList();
  }
}
