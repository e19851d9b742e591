package dev.retort.teacher;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * One representation under one view of every image of a data set, in a file of equal records: an
 * image's record stands at its index, whichever process computed it and when. A record ends in a
 * checksum of itself, the file's identity and the index, so one that was never written, written in
 * part, altered or moved is not taken for an output. Processes therefore need no lock: where two
 * write a record, either's is whole.
 *
 * <p>Reads and writes go by position through the system's page cache. A mapping would be quicker by
 * microseconds a step; but its pages count as the process's own memory, gigabytes of them where
 * maps are kept, and a full disk or a file cut short would end the process instead of a call.
 */
final class OutputFile implements Closeable {
  /** The bytes of a record's checksum. */
  static final int CHECKSUM = Integer.BYTES;

  private final Path path;
  private final byte[] identity;
  private final int record;
  private final FileChannel channel;
  private boolean damaged;

  private OutputFile(Path path, String identity, int record, FileChannel channel) {
    this.path = path;
    this.identity = identity.getBytes(StandardCharsets.UTF_8);
    this.record = record;
    this.channel = channel;
  }

  /**
   * Opens a file, and makes it where it is missing. Room for all records is marked off at once,
   * without taking it from the disk, so that the file's length tells what it will grow to.
   *
   * @param identity of what the records hold
   * @param payload the bytes of a record without its checksum
   */
  static OutputFile open(Path path, String identity, int payload, int images) throws IOException {
    int record = payload + CHECKSUM;
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      OutputFile file = new OutputFile(path, identity, record, channel);
      long length = length(payload, images);
      if (channel.size() < length) {
        file.damaged = channel.size() > 0;
        channel.write(ByteBuffer.allocate(1), length - 1);
      }
      return file;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The length in bytes of the file of that many images. */
  static long length(int payload, int images) {
    return (long) images * (payload + CHECKSUM);
  }

  Path path() {
    return path;
  }

  /** Whether something in it was no output and no gap either; it is made again where needed. */
  boolean isDamaged() {
    return damaged;
  }

  /**
   * Reads the records of some images, one after the other, into the buffer's memory from its start.
   *
   * @return whether all of them are whole
   */
  boolean read(int[] samples, ByteBuffer records) throws IOException {
    boolean whole = true;
    for (int row = 0; row < samples.length; row++) {
      ByteBuffer one = records.slice(row * record, record);
      long position = (long) samples[row] * record;
      while (one.hasRemaining()) {
        if (channel.read(one, position + one.position()) < 0) {
          break;
        }
      }
      if (one.hasRemaining()) {
        whole = false;
      } else if (storedChecksum(one) != checksum(samples[row], one)) {
        whole = false;
        damaged |= !isGap(one);
      }
    }
    return whole;
  }

  /** Adds each record's checksum in the buffer, and writes the records. */
  void write(int[] samples, ByteBuffer records) throws IOException {
    for (int row = 0; row < samples.length; row++) {
      ByteBuffer one = records.slice(row * record, record).order(ByteOrder.LITTLE_ENDIAN);
      one.putInt(record - CHECKSUM, checksum(samples[row], one));
      one.rewind();
      long position = (long) samples[row] * record;
      while (one.hasRemaining()) {
        channel.write(one, position + one.position());
      }
    }
  }

  private int storedChecksum(ByteBuffer one) {
    return one.order(ByteOrder.LITTLE_ENDIAN).getInt(record - CHECKSUM);
  }

  /** Never 0, which is what a gap in the file reads as. */
  private int checksum(int sample, ByteBuffer one) {
    CRC32C crc = new CRC32C();
    crc.update(identity);
    crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, sample));
    crc.update(one.slice(0, record - CHECKSUM));
    int value = (int) crc.getValue();
    return value == 0 ? 1 : value;
  }

  private static boolean isGap(ByteBuffer one) {
    for (int i = 0; i < one.capacity(); i++) {
      if (one.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
