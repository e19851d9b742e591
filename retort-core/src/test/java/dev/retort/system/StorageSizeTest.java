package dev.retort.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorageSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0.0 kB",
    "120, 0.1 kB",
    "999999, 1000.0 kB",
    "2200000, 2.2 MB",
    "1000000000, 1.0 GB",
    "10000000000, 10.0 GB"
  })
  void isInTheUnitOfItsOrder(long bytes, String text) {
    assertThat(StorageSize.text(bytes)).isEqualTo(text);
  }
}
