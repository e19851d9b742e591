package dev.retort.data.parquet;

import dev.retort.data.DataException;
import dev.retort.data.EncodedImages;
import dev.retort.system.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures one after the other in a temporary file, which is gone when the process is: a table
 * cannot give a single one, and memory may not hold all.
 */
final class TemporaryImages implements EncodedImages, AutoCloseable {
  private final FileChannel channel;
  private final Sha256 stamp = new Sha256().text("table");
  private final List<String> places = new ArrayList<>();

  /** Where each picture begins, and where the next one would. */
  private final List<Long> starts = new ArrayList<>(List.of(0L));

  private String digest = "";

  private TemporaryImages(FileChannel channel) {
    this.channel = channel;
  }

  static TemporaryImages open() {
    try {
      Path file = Files.createTempFile("retort-images", null);
      return new TemporaryImages(
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE));
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary file for images can be made", e);
    }
  }

  /**
   * Adds a picture.
   *
   * @throws DataException if the disk is full
   */
  void add(String place, byte[] picture) {
    ByteBuffer bytes = ByteBuffer.wrap(picture);
    long at = starts.get(starts.size() - 1);
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes, at + bytes.position());
      }
    } catch (IOException e) {
      throw new DataException(
          ("%s: the picture cannot be kept in the folder of temporary files, %s: %s; name"
                  + " another with RETORT_JAVA_OPTIONS=-Djava.io.tmpdir=DIR")
              .formatted(place, System.getProperty("java.io.tmpdir"), e.getMessage()),
          e);
    }
    places.add(place);
    starts.add(at + picture.length);
    stamp.numbers(picture.length).bytes(picture, 0, picture.length);
  }

  /** Gives the file's room back, where the pictures are not wanted after all. */
  @Override
  public void close() {
    try {
      channel.close();
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
    ByteBuffer bytes = ByteBuffer.allocate((int) (starts.get(index + 1) - start));
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, start + bytes.position()) < 0) {
        throw new EOFException("the temporary file is cut off");
      }
    }
    return bytes.array();
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
