package dev.retort.serving;

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

  public Timing {
    rounds = List.copyOf(rounds);
  }
}
