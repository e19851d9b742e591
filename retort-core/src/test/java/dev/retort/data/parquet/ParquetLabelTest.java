package dev.retort.data.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParquetLabelTest {
  /** In the order of their letters, 0 would be the cat, whatever wrote the number. */
  @Test
  void namesInOneTableAndNumbersInAnotherAreRefused() {
    List<ParquetLabel> rows =
        List.of(
            new ParquetLabel.Named("dog"),
            new ParquetLabel.Named("cat"),
            new ParquetLabel.Numbered(Dataset.UNLABELLED));
    List<ParquetLabel> more = new ArrayList<>(rows);
    more.add(new ParquetLabel.Numbered(0));

    assertThat(ParquetLabel.classes(rows, Path.of("tables"))).containsExactly("cat", "dog");
    assertThatThrownBy(() -> ParquetLabel.classes(more, Path.of("tables")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("tables has names of classes in some tables and numbers in others");
  }

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

    int[] indices = ParquetLabel.indices(rows, classes, row -> "row " + row);

    assertThat(indices).isEqualTo(IntStream.range(0, 20_000).map(row -> row % count).toArray());
    assertThat(looks).hasValueLessThanOrEqualTo(count);
  }
}
