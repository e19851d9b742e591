package dev.retort.weights;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The stream that {@code torch.save} wrote before PyTorch 1.6, in which many published weights
 * still lie: pickles of a magic number, a version, the machine's properties, the object and the
 * keys of the storages, and then each storage as its length and its numbers.
 */
final class PyTorchLegacyFile extends PyTorchFile {
  /** The first bytes of every such file: protocol 2, and the number 0x1950a86a20f9469cfc6c. */
  private static final byte[] BEGIN = HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa85019");

  /** How many bytes {@link #isBegin} looks at. */
  static final int BEGIN_BYTES = BEGIN.length;

  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final int VERSION = 1001;

  private final PickleInput in;
  private final StateUnpickler unpickler;
  private List<?> keys = List.of();

  /** Reads from the stream's beginning; the caller closes it. */
  PyTorchLegacyFile(Path file, PickleInput in) {
    super(file);
    this.in = in;
    unpickler = new StateUnpickler(file, in);
  }

  /** Whether a file that begins so is one of these. */
  static boolean isBegin(byte[] bytes) {
    return Arrays.equals(bytes, BEGIN);
  }

  @Override
  @Nullable Object root() throws IOException {
    if (!MAGIC.equals(unpickler.next())
        || !(unpickler.next() instanceof Number version)
        || version.intValue() != VERSION) {
      throw new WeightsException(file + ": not a file of torch.save, or of an unknown version");
    }
    if (!(unpickler.next() instanceof Map<?, ?> system)
        || !Boolean.TRUE.equals(system.get("little_endian"))) {
      throw new WeightsException(file + ": its numbers are not little-endian");
    }
    Object root = unpickler.next();
    if (!(unpickler.next() instanceof List<?> list)) {
      throw new WeightsException(file + ": damaged: it has no list of storages");
    }
    keys = list;
    return root;
  }

  /** The storages follow each other; those that no tensor uses are passed over. */
  @Override
  Map<String, Tensor> storages(Collection<PickledTensor.Storage> wanted) throws IOException {
    Map<String, Tensor> storages = new LinkedHashMap<>();
    for (Object key : keys) {
      if (!(key instanceof String || key instanceof Number)) {
        throw new WeightsException(file + ": damaged: a storage's name is no text and no number");
      }
      PickledTensor.Storage storage = unpickler.storages().get(String.valueOf(key));
      if (storage == null) {
        throw new WeightsException(file + ": damaged: no tensor has the storage " + key);
      }
      ByteBuffer length = ByteBuffer.wrap(in.readNBytes(Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
      if (length.remaining() < Long.BYTES || storage.bytes() > in.remaining()) {
        throw new WeightsException(file + ": truncated: it ends inside storage " + key);
      }
      long count = length.getLong();
      if (count != storage.count()) {
        throw new WeightsException(
            file + ": storage " + key + " has " + count + " numbers, not " + storage.count());
      }
      if (wanted.contains(storage)) {
        storages.put(storage.key(), storage(storage));
      } else {
        in.skipNBytes(storage.bytes());
      }
    }
    for (PickledTensor.Storage storage : wanted) {
      if (!storages.containsKey(storage.key())) {
        throw new WeightsException(file + ": damaged: storage " + storage.key() + " is not listed");
      }
    }
    return storages;
  }

  private Tensor storage(PickledTensor.Storage storage) throws IOException {
    ReadableByteChannel channel = Channels.newChannel(in);
    return TensorBytes.read(
        storage.type(),
        new long[] {storage.count()},
        (bytes, offset) ->
            TensorBytes.fill(channel, bytes, "it ends inside storage " + storage.key()),
        file + ": storage " + storage.key());
  }
}
