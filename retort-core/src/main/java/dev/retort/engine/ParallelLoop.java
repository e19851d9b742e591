package dev.retort.engine;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A loop whose steps do not depend on each other, on several threads. */
public final class ParallelLoop {
  private ParallelLoop() {}

  /**
   * Does {@code body} for 0 … count − 1, in any order, on the calling thread's share of the cores.
   *
   * @param body what it throws first ends the loop, and is thrown when no thread works on any more
   */
  public static void run(int count, IntConsumer body) {
    run(count, Engine.share(), body);
  }

  /** The same on at most so many threads, the caller's and those of Java's common pool. */
  public static void run(int count, int threads, IntConsumer body) {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    IntStream.range(0, Math.min(count, threads))
        .parallel()
        .forEach(
            thread -> {
              try {
                int i = next.getAndIncrement();
                while (i < count && first.get() == null) {
                  body.accept(i);
                  i = next.getAndIncrement();
                }
              } catch (Throwable failure) {
                first.compareAndSet(null, failure);
              }
            });
    Throwable failure = first.get();
    if (failure != null) {
      throw propagated(failure);
    }
  }

  /**
   * What to throw on a thread that waits for another one, which has failed; an error is thrown
   * here.
   */
  public static RuntimeException propagated(@Nullable Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException exception
        ? exception
        : new IllegalStateException("another thread has failed", failure);
  }
}
