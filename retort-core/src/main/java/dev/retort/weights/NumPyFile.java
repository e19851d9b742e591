package dev.retort.weights;

import dev.retort.engine.FileFailure;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads what NumPy's {@code save}, {@code savez} and {@code savez_compressed} write, as far as it
 * is plain numbers: nothing is ever unpickled. An array is made only where the file has exactly the
 * bytes that its header promises.
 */
public final class NumPyFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final String SUFFIX = ".npy";

  /** No array of measured numbers is compressed so well. */
  private static final long LARGEST_RATIO = 100;

  private static final long ALWAYS_ALLOWED = 1 << 20;

  private NumPyFile() {}

  /**
   * Reads an array from a {@code .npy} file; it belongs to the caller's scope.
   *
   * @throws WeightsException if the file is missing or bad, or has anything but numbers
   */
  public static Tensor array(Path file) {
    requireFile(file);
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, Files.size(file), file.toString());
    } catch (IOException e) {
      throw new WeightsException(file + ": " + FileFailure.reason(e), e);
    }
  }

  /**
   * Reads the arrays of a {@code .npz} file by name; they belong to the caller's scope.
   *
   * @throws WeightsException likewise, or if it would swell
   */
  public static Map<String, Tensor> arrays(Path file) {
    requireFile(file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Map<String, Tensor> arrays = new LinkedHashMap<>();
      long total = 0;
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        String what = file + ": array '" + entry.getName() + "'";
        if (!entry.getName().endsWith(SUFFIX)) {
          throw new WeightsException(what + " is none: NumPy's end in " + SUFFIX);
        }
        total += entry.getSize();
        if (total > ALWAYS_ALLOWED + LARGEST_RATIO * Files.size(file)) {
          throw new WeightsException(
              what + ": refused: the arrays would swell to more than " + total + " bytes");
        }
        String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
        CRC32 sum = new CRC32();
        try (InputStream in = new CheckedInputStream(zip.getInputStream(entry), sum)) {
          if (arrays.put(name, read(in, entry.getSize(), what)) != null) {
            throw new WeightsException(what + " is there twice");
          }
        }
        if (sum.getValue() != entry.getCrc()) {
          throw new WeightsException(what + " is damaged: it is not what its checksum says");
        }
      }
      return arrays;
    } catch (ZipException e) {
      throw new WeightsException(
          file + ": truncated or damaged, or not written by NumPy's savez: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new WeightsException(file + ": " + FileFailure.reason(e), e);
    }
  }

  private static void requireFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new WeightsException(file + ": not a file");
    }
  }

  /**
   * Reads one array.
   *
   * @param size how many bytes the stream is said to have
   */
  private static Tensor read(InputStream stream, long size, String what) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    byte[] magic = in.readNBytes(MAGIC.length + 2);
    if (magic.length < MAGIC.length + 2
        || !Arrays.equals(Arrays.copyOf(magic, MAGIC.length), MAGIC)) {
      throw new WeightsException(what + ": no NumPy array: it does not begin like one");
    }
    int lengthBytes = magic[MAGIC.length] == 1 ? Short.BYTES : Integer.BYTES;
    byte[] length = in.readNBytes(lengthBytes);
    long headerBytes = 0;
    for (int i = length.length - 1; i >= 0; i--) {
      headerBytes = (headerBytes << Byte.SIZE) | (length[i] & 0xff);
    }
    if (length.length < lengthBytes || headerBytes > NumPyHeader.MAXIMUM_BYTES) {
      throw new WeightsException(
          what + ": no NumPy array: its header would have " + headerBytes + " bytes");
    }
    byte[] text = in.readNBytes((int) headerBytes);
    NumPyHeader header = NumPyHeader.of(new String(text, StandardCharsets.UTF_8), what);
    long start = magic.length + lengthBytes + headerBytes;
    requireWhole(header, size - start, what);
    return tensor(header, in, what);
  }

  private static void requireWhole(NumPyHeader header, long there, String what) {
    long promised;
    try {
      promised = header.bytes();
    } catch (ArithmeticException e) {
      throw new WeightsException(
          what + ": claims the impossible shape " + Arrays.toString(header.shape()), e);
    }
    if (promised != there) {
      throw new WeightsException(
          what
              + (promised > there ? ": truncated: " : ": longer than it says: ")
              + "its header promises "
              + promised
              + " bytes, and there are "
              + there);
    }
  }

  private static Tensor tensor(NumPyHeader header, InputStream in, String what) throws IOException {
    ReadableByteChannel channel = Channels.newChannel(in);
    int dimensions = header.shape().length;
    long[] stored = header.shape().clone();
    long[] order = IntStream.range(0, dimensions).mapToLong(i -> dimensions - 1 - i).toArray();
    if (header.columnsFirst()) {
      Arrays.setAll(stored, i -> header.shape()[dimensions - 1 - i]);
    }
    Tensor tensor =
        TensorBytes.read(header.type(), stored, (bytes, offset) -> fill(channel, bytes), what);
    return header.columnsFirst() ? tensor.permute(order).contiguous() : tensor;
  }

  private static void fill(ReadableByteChannel channel, ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into) < 0) {
        throw new EOFException("the file ends inside an array");
      }
    }
  }
}
