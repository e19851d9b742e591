package dev.retort.data.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.DataException;
import dev.retort.data.DatasetOptions;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which columns of a table are taken: a wrong one trains without an error. */
class ParquetColumnsTest {
  private static final Path FILE = Path.of("train.parquet");

  @Test
  void pandasIndexIsNoClass() {
    for (String type : List.of("required int64 %s;", "required binary %s (UTF8);")) {
      assertThat(label("required int64 number; " + type.formatted("__index_level_0__")))
          .isEqualTo("number");
    }
  }

  @Test
  void usualNamesAreTakenBeforeOthers() {
    assertThat(label("required int64 id; required int32 label; required binary split (UTF8);"))
        .isEqualTo("label");
  }

  /** As pandas writes it once one label is missing; the other column has whole numbers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "required double label; required int64 __index_level_0__;",
        "required double label; required int64 id;",
        "required boolean label; required binary split (UTF8);",
        "required int32 label (DATE); required int64 id;"
      })
  void aLabelOfAnotherTypeIsNotPassedOverForAnotherColumn(String columns) {
    assertThatThrownBy(() -> label(columns))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("its column label has neither whole numbers nor texts, but");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "required int32 taken (DATE);",
        "required int32 price (DECIMAL(5,2));",
        "required int64 at (TIMESTAMP_MILLIS);"
      })
  void datesAndFractionsAreNoClasses(String column) {
    assertThatThrownBy(() -> label(column))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("possible are []");
  }

  /** Test sets are given out without labels, and with numbers of the rows. */
  @Test
  void aTableWithoutTheFirstOnesColumnIsRefused() {
    ParquetColumns first = columns("required int64 label; required int64 id;");
    ParquetColumns without = columns("required int64 id;");

    assertThatThrownBy(() -> without.requireSame(first, Path.of("test.parquet"), FILE))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "test.parquet: its images and classes are the columns image and id, and those of train.parquet are image and label");
  }

  private static String label(String columns) {
    return columns(columns).label();
  }

  private static ParquetColumns columns(String columns) {
    return ParquetColumns.of(
        MessageTypeParser.parseMessageType(
            "message table { required binary image; " + columns + "}"),
        DatasetOptions.STANDARD,
        FILE);
  }
}
