package dev.retort.data.parquet;

import dev.retort.data.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
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

/** Reads the rows of a Parquet file, with as many of its columns as someone wants. */
final class ParquetTable {
  private ParquetTable() {}

  /** What is done with a file. */
  interface Reader {
    /** The columns wanted, of those that there are. */
    MessageType columns(MessageType schema);

    /** Takes in a row; they come in order, from 0. */
    void row(Group record, long row);
  }

  /**
   * Reads a file from its first row to its last.
   *
   * @return the metadata that its writer has added
   * @throws DataException if it cannot be read
   * @throws UnreadableColumnException as {@code into} does
   */
  static Map<String, String> read(Path file, Reader into) {
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
      MessageType asked = into.columns(reader.getFooter().getFileMetaData().getSchema());
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
          into.row(records.read(), row);
        }
      }
      return reader.getFooter().getFileMetaData().getKeyValueMetaData();
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
                  + " (RETORT_JAVA_OPTIONS=-Xmx2g gives more): %s")
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
