package dev.retort.data.parquet;

import dev.retort.data.DataException;
import dev.retort.data.EncodedImages;
import dev.retort.system.FileFailure;
import dev.retort.system.Sha256;
import dev.retort.system.TemporaryFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures one after the other in a temporary file, which is gone when the process is: a table
 * cannot give a single one, and memory may not hold all.
 */
final class TemporaryImages implements EncodedImages, AutoCloseable {
  private final TemporaryFile file;
  private final Sha256 stamp = new Sha256().text("table");
  private final List<String> places = new ArrayList<>();

  /** Where each picture begins, and where the next one would. */
  private final List<Long> starts = new ArrayList<>(List.of(0L));

  private String digest = "";

  private TemporaryImages(TemporaryFile file) {
    this.file = file;
  }

  static TemporaryImages open() {
    try {
      Path folder = Path.of(System.getProperty("java.io.tmpdir"));
      return new TemporaryImages(TemporaryFile.open(folder, "retort-images"));
    } catch (IOException e) {
      throw new UncheckedIOException("no file for pictures can be made" + in(e), e);
    }
  }

  private static String in(IOException failure) {
    return " in the folder of temporary files, %s: %s; name another with RETORT_JAVA_OPTIONS=-Djava.io.tmpdir=DIR"
        .formatted(System.getProperty("java.io.tmpdir"), FileFailure.reason(failure));
  }

  /**
   * Adds a picture.
   *
   * @throws DataException if the disk is full
   */
  void add(String place, byte[] picture) {
    long at = starts.get(starts.size() - 1);
    try {
      file.write(picture, at);
    } catch (IOException e) {
      throw new DataException(place + ": the picture cannot be kept" + in(e), e);
    }
    places.add(place);
    starts.add(at + picture.length);
    stamp.numbers(picture.length).bytes(picture);
  }

  /** Gives the file's room back, where the pictures are not wanted after all. */
  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the temporary file for images cannot be closed", e);
    }
  }

  /** The bytes of all pictures. */
  long bytes() {
    return starts.get(starts.size() - 1);
  }

  @Override
  public int size() {
    return places.size();
  }

  @Override
  public String place(int index) {
    return places.get(index);
  }

  @Override
  public byte[] read(int index) throws IOException {
    long start = starts.get(index);
    byte[] bytes = new byte[(int) (starts.get(index + 1) - start)];
    file.read(start, bytes, bytes.length);
    return bytes;
  }

  /** The digest of all pictures, which were read already. */
  @Override
  public String stamp() {
    if (digest.isEmpty()) {
      digest = stamp.hex();
    }
    return digest;
  }
}
