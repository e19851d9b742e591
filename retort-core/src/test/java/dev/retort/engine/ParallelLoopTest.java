package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ParallelLoopTest {
  /**
   * The first step fails while the second is at work; nothing may go on once the loop has ended.
   */
  @Test
  void aFailureEndsTheLoopAndIsThrownWhenNoOtherThreadWorksOn() {
    int before = Engine.threads();
    Engine.threads(2);
    try {
      AtomicInteger atWork = new AtomicInteger();
      AtomicInteger begun = new AtomicInteger();
      assertThatThrownBy(
              () ->
                  ParallelLoop.run(
                      1000,
                      i -> {
                        begun.incrementAndGet();
                        atWork.incrementAndGet();
                        try {
                          if (i == 0) {
                            throw new IllegalStateException("step 0");
                          }
                          Thread.sleep(100);
                        } catch (InterruptedException e) {
                          throw new AssertionError(e);
                        } finally {
                          atWork.decrementAndGet();
                        }
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("step 0");
      assertThat(atWork).hasValue(0);
      assertThat(begun.get()).isLessThan(10);
    } finally {
      Engine.threads(before);
    }
  }
}
