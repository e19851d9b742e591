package dev.retort.weights;

import dev.retort.system.FileFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
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
   * What stands before the numbers of an array, row by row, in a {@code .npy} file.
   *
   * @throws IllegalArgumentException if NumPy has no such type
   */
  public static byte[] header(TensorType type, long... shape) {
    return new NumPyHeader(type, false, shape).toBytes();
  }

  /**
   * Reads one array.
   *
   * @param size how many bytes the stream is said to have
   */
  private static Tensor read(InputStream in, long size, String what) throws IOException {
    NumPyHeader header = NumPyHeader.read(in, size, what);
    ReadableByteChannel channel = Channels.newChannel(in);
    int dimensions = header.shape().length;
    long[] stored = header.shape().clone();
    long[] order = IntStream.range(0, dimensions).mapToLong(i -> dimensions - 1 - i).toArray();
    if (header.columnsFirst()) {
      Arrays.setAll(stored, i -> header.shape()[dimensions - 1 - i]);
    }
    Tensor tensor =
        TensorBytes.read(
            header.type(),
            stored,
            (bytes, offset) -> TensorBytes.fill(channel, bytes, "the file ends inside an array"),
            what);
    return header.columnsFirst() ? tensor.permute(order).contiguous() : tensor;
  }
}
