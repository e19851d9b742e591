package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DatasetSourceTest {
  private static final Path BASE = Path.of("/studies");

  @Test
  void relativePathStartsFromTheConfiguration() {
    assertThat(DatasetSource.parse("cifar10:../data", BASE).path()).isEqualTo(Path.of("/data"));
    assertThat(DatasetSource.parse("cifar10:/elsewhere", BASE)).hasToString("cifar10:/elsewhere");
  }

  @Test
  void wrongSpellingsSayTheRightOne() {
    assertThatThrownBy(() -> DatasetSource.parse("cifar10", BASE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cifar10:DIR");
    assertThatThrownBy(() -> DatasetSource.parse("cifar10:", BASE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cifar10:DIR");
    assertThatThrownBy(() -> DatasetSource.parse("coco:/x", BASE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown data \"coco:/x\"")
        .hasMessageContaining("cifar10:DIR");
  }
}
