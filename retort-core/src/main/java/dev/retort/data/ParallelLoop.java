package dev.retort.data;

import dev.retort.engine.Engine;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** A loop whose steps do not depend on each other, on the calling thread's share of the cores. */
final class ParallelLoop {
  private ParallelLoop() {}

  /**
   * Does {@code body} for 0 … count − 1, in any order.
   *
   * @param body what it throws ends its thread's part, and is thrown when the other parts are done
   */
  static void run(int count, IntConsumer body) {
    AtomicInteger next = new AtomicInteger();
    IntStream.range(0, Math.min(count, Engine.share()))
        .parallel()
        .forEach(
            thread -> {
              for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                body.accept(i);
              }
            });
  }
}
