package dev.retort.data.parquet;

import dev.retort.data.DataException;
import dev.retort.data.DatasetOptions;
import dev.retort.system.FileFailure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/** Takes pictures and labels out of the rows of a Parquet file. */
final class ParquetTable {
  /** How many bytes of pictures, which are compressed themselves, a byte of a table may be. */
  private static final long LARGEST_RATIO = 100;

  private static final long ALWAYS_ALLOWED = 1 << 26;

  private ParquetTable() {}

  /**
   * What was read beside the rows.
   *
   * @param columns those that were read
   * @param metadata what the file's writer has added
   */
  record Read(ParquetColumns columns, Map<String, String> metadata) {}

  /**
   * Reads a file from its first row to its last.
   *
   * @param images its pictures are added to them
   * @param labels its labels are added to them
   * @throws DataException if it cannot be read, or its pictures are too large for it
   * @throws UnreadableColumnException as {@link ParquetColumns#of} does
   */
  static Read read(
      Path file, DatasetOptions options, TemporaryImages images, List<ParquetLabel> labels) {
    long before = images.bytes();
    long bound = ALWAYS_ALLOWED + LARGEST_RATIO * size(file);
    ParquetReadOptions reading =
        ParquetReadOptions.builder(new PlainParquetConfiguration())
            .withCodecFactory(new ParquetCodecs(file))
            .build();
    InputFile input =
        new LocalInputFile(file) {
          @Override
          public String toString() { // for the reader's messages
            return file.toString();
          }
        };
    try (ParquetFileReader reader = new ParquetFileReader(input, reading)) {
      MessageType schema = reader.getFooter().getFileMetaData().getSchema();
      ParquetColumns columns = ParquetColumns.of(schema, options, file);
      MessageType asked = columns.only(schema);
      reader.setRequestedSchema(asked);
      long row = 0;
      for (PageReadStore pages = reader.readNextRowGroup();
          pages != null;
          pages = reader.readNextRowGroup()) {
        RecordReader<Group> records =
            new ColumnIOFactory()
                .getColumnIO(asked)
                .getRecordReader(pages, new GroupRecordConverter(asked));
        for (long i = 0; i < pages.getRowCount(); i++, row++) {
          Group record = records.read();
          images.add(file + ", row " + row, columns.picture(record));
          if (images.bytes() - before > bound) {
            throw new DataException(
                "%s, row %s: refused: its pictures would swell to more than %s bytes"
                    .formatted(file, row, bound));
          }
          labels.add(columns.label(record, file, row));
        }
      }
      return new Read(columns, reader.getFooter().getFileMetaData().getKeyValueMetaData());
    } catch (DataException | UnreadableColumnException e) {
      throw e;
    } catch (FileNotFoundException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      // Of files that are not what they say, the reader throws whatever happens to fail.
      throw new DataException(file + " is damaged, or no Parquet file: " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      // The reader makes arrays of whatever length a page declares.
      throw new DataException(
          ("%s is damaged, or its pages are larger than Java's memory"
                  + " (RETORT_JAVA_OPTIONS=-Xmx4g gives more): %s")
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }
}
