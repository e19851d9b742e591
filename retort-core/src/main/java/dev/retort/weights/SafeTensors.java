package dev.retort.weights;

import dev.retort.engine.Engine;
import dev.retort.engine.TensorScope;
import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads and writes safetensors files: the length of a header (8 bytes, little-endian), the header
 * in JSON, and the tensors' bytes, row-major and little-endian, without gaps. See
 * https://github.com/huggingface/safetensors#format.
 *
 * <p>The reader refuses whatever the format does not allow; it takes no more memory than the header
 * and the tensors that the file really holds. The writer lays out files as the reference writer
 * does.
 */
public final class SafeTensors {
  private static final int LENGTH_BYTES = Long.BYTES;

  private SafeTensors() {}

  /**
   * The contents of a file.
   *
   * @param tensors on the CPU, by name, in the order of their bytes
   * @param metadata of the writer's own
   */
  public record Contents(Map<String, Tensor> tensors, Map<String, String> metadata) {}

  /**
   * Reads a file. The tensors belong to the caller's scope.
   *
   * @throws WeightsException if there is no such file, or it is not valid in every respect
   */
  public static Contents read(Path file) {
    return reading(
        file,
        (channel, header, dataStart) -> {
          Map<String, Tensor> tensors = new LinkedHashMap<>();
          for (Map.Entry<String, SafeTensorsHeader.Entry> each : header.tensors().entrySet()) {
            tensors.put(
                each.getKey(), tensor(file, channel, dataStart, each.getKey(), each.getValue()));
          }
          return new Contents(Collections.unmodifiableMap(tensors), header.metadata());
        });
  }

  /**
   * Reads and checks a file's header only.
   *
   * @throws WeightsException if there is no such file, or its header is not valid
   */
  public static SafeTensorsHeader header(Path file) {
    return reading(file, (channel, header, dataStart) -> header);
  }

  /**
   * The bytes of one tensor as they lie in the file.
   *
   * @throws WeightsException if the file is not valid or has no such tensor
   */
  public static byte[] bytes(Path file, String name) {
    return reading(
        file,
        (channel, header, dataStart) -> {
          SafeTensorsHeader.Entry entry = header.tensors().get(name);
          if (entry == null) {
            throw new WeightsException(file + ": there is no tensor '" + name + "'");
          }
          byte[] bytes = new byte[Math.toIntExact(entry.bytes())];
          readFully(file, channel, ByteBuffer.wrap(bytes), dataStart + entry.begin());
          return bytes;
        });
  }

  /**
   * Writes a file: under a temporary name first, so that the name stands for a whole file at every
   * moment. The same contents give the same bytes.
   *
   * @param tensors of any device; those that are not contiguous are copied
   * @throws IllegalArgumentException if a tensor has a type that the format lacks
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    Engine.start();
    Map<String, SafeTensorsHeader.Entry> entries = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.equals(SafeTensorsHeader.METADATA)) {
            throw new IllegalArgumentException("no tensor can be named " + name);
          }
          TensorType type = TensorType.of(tensor.scalar_type());
          long bytes = tensor.numel() * type.bytes();
          entries.put(name, new SafeTensorsHeader.Entry(type, tensor.shape(), 0, bytes));
        });
    SafeTensorsHeader header = SafeTensorsHeader.layOut(entries, metadata);
    byte[] json = header.json();
    try {
      AtomicFile.write(
          file,
          out -> {
            WritableByteChannel channel = Channels.newChannel(out);
            ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(length.putLong(json.length).flip());
            channel.write(ByteBuffer.wrap(json));
            for (String name : header.tensors().keySet()) {
              try (TensorScope scope = TensorScope.open()) {
                Tensor contiguous =
                    Objects.requireNonNull(tensors.get(name)).detach().cpu().contiguous();
                TensorBytes.inChunks(contiguous, (bytes, offset) -> channel.write(bytes));
              }
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + FileFailure.reason(e), e);
    }
  }

  /** Something done with an open file whose header has been checked. */
  private interface Reading<T> {
    T read(FileChannel channel, SafeTensorsHeader header, long dataStart) throws IOException;
  }

  private static <T> T reading(Path file, Reading<T> reading) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new WeightsException(file + ": not a file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw new WeightsException(
            file + ": not a safetensors file: it has only " + size + " bytes");
      }
      ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      readFully(file, channel, length, 0);
      long headerBytes = length.flip().getLong();
      if (headerBytes < 0 || headerBytes > SafeTensorsHeader.MAXIMUM_BYTES) {
        requireBrace(file, channel, size);
        throw new WeightsException(
            "%s: not a safetensors file: its header would have %s bytes, and the format allows %s"
                .formatted(
                    file, Long.toUnsignedString(headerBytes), SafeTensorsHeader.MAXIMUM_BYTES));
      }
      long dataStart = LENGTH_BYTES + headerBytes;
      if (dataStart > size) {
        throw new WeightsException(
            "%s: truncated: the header ends at byte %s, and the file has %s"
                .formatted(file, dataStart, size));
      }
      byte[] json = new byte[(int) headerBytes];
      readFully(file, channel, ByteBuffer.wrap(json), LENGTH_BYTES);
      SafeTensorsHeader header = SafeTensorsHeaderReader.read(file, json, size - dataStart);
      return reading.read(channel, header, dataStart);
    } catch (IOException e) {
      throw new WeightsException(file + ": " + FileFailure.reason(e), e);
    }
  }

  /** The eight bytes before anything else than a header are no length worth telling. */
  private static void requireBrace(Path file, FileChannel channel, long size) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(1);
    if (size > LENGTH_BYTES) {
      readFully(file, channel, first, LENGTH_BYTES);
      if (first.get(0) != '{') {
        throw new WeightsException(
            file + ": not a safetensors file: after its first 8 bytes, no header begins");
      }
    }
  }

  private static Tensor tensor(
      Path file, FileChannel channel, long dataStart, String name, SafeTensorsHeader.Entry entry)
      throws IOException {
    long start = dataStart + entry.begin();
    return TensorBytes.read(
        entry.type(),
        entry.shape(),
        (bytes, offset) -> readFully(file, channel, bytes, start + offset),
        file + ": tensor '" + name + "'");
  }

  private static void readFully(Path file, FileChannel channel, ByteBuffer into, long position)
      throws IOException {
    while (into.hasRemaining()) {
      int count = channel.read(into, position);
      if (count < 0) {
        throw new WeightsException(file + ": truncated: it ends at byte " + position);
      }
      position += count;
    }
  }
}
