package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EngineTest {
  @Test
  void moreThreadsThanCoresAreWarnedOf() {
    assertThat(Engine.excess(2, 2)).isNull();
    assertThat(Engine.excess(1, 8)).isNull();
    assertThat(Engine.excess(99, 2)).startsWith("99 threads on 2 cores wait for each other");
    assertThat(Engine.excess(2, 1)).startsWith("2 threads on 1 core wait");
  }
}
