package dev.retort.data.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParquetLabelTest {
  /** 1.2 million rows of 1,000 classes must take seconds. */
  @Test
  void theNamesOfClassesAreLookedAtOnceAndNotForEachRow() {
    AtomicLong looks = new AtomicLong();
    int count = 1_000;
    List<String> classes =
        new AbstractList<>() {
          @Override
          public String get(int index) {
            looks.incrementAndGet();
            return "class " + index;
          }

          @Override
          public int size() {
            return count;
          }
        };
    List<ParquetLabel> rows =
        IntStream.range(0, 20_000)
            .<ParquetLabel>mapToObj(row -> new ParquetLabel.Named("class " + row % count))
            .toList();

    int[] indices = ParquetLabel.indices(rows, classes, Path.of("table"));

    assertThat(indices).isEqualTo(IntStream.range(0, 20_000).map(row -> row % count).toArray());
    assertThat(looks).hasValueLessThanOrEqualTo(count);
  }
}
