package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protects: what works beside the engine keeps to the threads that this process may use. */
class EngineTest {
  @Test
  void otherWorkMayUseAsManyThreadsAsAnOperation() {
    int before = Engine.threads();
    try {
      Engine.threads(3);
      assertThat(Engine.share()).isEqualTo(3);
    } finally {
      Engine.threads(before);
    }
  }

  /** LibTorch 2.x does so, and a study that changes the number would leave it to later threads. */
  @Test
  void aThreadBeginsWithTheNumberThatWasSetLast() {
    int before = Engine.threads();
    try {
      Engine.threads(3);
      assertThat(CompletableFuture.supplyAsync(Engine::threads, begin -> new Thread(begin).start()))
          .succeedsWithin(Duration.ofMinutes(1))
          .isEqualTo(3);
    } finally {
      Engine.threads(before);
    }
  }

  /** OpenMP 5.0, section 6.2: a list of positive integers. */
  @ParameterizedTest
  @CsvSource({", 8", "2, 2", "'4,1', 4", "' 3 ', 3", "0, 8", "many, 8"})
  void beforeTheEngineIsLoadedTheShareIsWhatTheEnvironmentSays(
      @Nullable String openMp, int expected) {
    assertThat(Engine.share(openMp, 8)).isEqualTo(expected);
  }

  @Test
  void moreThreadsThanCoresAreWarnedOf() {
    assertThat(Engine.excess(2, 2)).isNull();
    assertThat(Engine.excess(1, 8)).isNull();
    assertThat(Engine.excess(99, 2)).startsWith("99 threads on 2 cores wait for each other");
    assertThat(Engine.excess(2, 1)).startsWith("2 threads on 1 core wait");
  }
}
