package dev.retort.weights;

import dev.retort.engine.Engine;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** The memory of tensors, part by part, since a Java buffer cannot address more than 2 GiB. */
final class TensorBytes {
  private static final int CHUNK_BYTES = 1 << 24;

  private TensorBytes() {}

  /** Something done with a part of a tensor's memory. */
  interface Chunk {
    /** {@code offset} is where the part begins, in bytes. */
    void accept(ByteBuffer bytes, long offset) throws IOException;
  }

  /** Shows the memory of a contiguous CPU tensor in order, in the machine's byte order. */
  static void inChunks(Tensor tensor, Chunk chunk) throws IOException {
    long count = tensor.numel();
    long step = CHUNK_BYTES / tensor.itemsize();
    for (long from = 0; from < count; from += step) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor part = tensor.view(-1).narrow(0, from, Math.min(step, count - from));
        chunk.accept(Tensors.bytes(part), from * tensor.itemsize());
      }
    }
  }

  /**
   * A new tensor of the caller's scope.
   *
   * @param fill puts the file's bytes into each part of its memory
   * @param what names file and tensor in a message
   * @throws WeightsException if truth values are neither 0 nor 1
   */
  static Tensor read(TensorType type, long[] shape, Chunk fill, String what) throws IOException {
    Engine.start();
    Tensor tensor =
        torch.empty(shape, new TensorOptions(type.scalarType()), new MemoryFormatOptional());
    inChunks(
        tensor,
        (bytes, offset) -> {
          fill.accept(bytes, offset);
          if (type == TensorType.BOOL) {
            requireTruthValues(bytes.flip(), what);
          }
        });
    return tensor;
  }

  /**
   * Fills a part of a tensor's memory with a channel's next bytes.
   *
   * @param atEnd the message where the channel ends before
   */
  static void fill(ReadableByteChannel channel, ByteBuffer into, String atEnd) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into) < 0) {
        throw new EOFException(atEnd);
      }
    }
  }

  private static void requireTruthValues(ByteBuffer bytes, String what) {
    while (bytes.hasRemaining()) {
      byte value = bytes.get();
      if (value != 0 && value != 1) {
        throw new WeightsException(what + " is BOOL and has the byte " + (value & 0xff));
      }
    }
  }
}
