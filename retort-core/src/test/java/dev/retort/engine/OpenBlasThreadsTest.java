package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.openblas.presets.openblas_nolapack;
import org.junit.jupiter.api.Test;

class OpenBlasThreadsTest {
  /** Otherwise OPENBLAS_NUM_THREADS, or the number of cores, would decide the last bits. */
  @Test
  void onlyOneWhateverTheEnvironmentSays() {
    Engine.start();

    assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(1);
  }
}
