package dev.retort.weights;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The zip archive that {@code torch.save} writes since PyTorch 1.6: a pickle, and one entry for
 * each storage, none of them compressed. Checksums are held to, unless the archive has none at all:
 * {@code torch.serialization.set_crc32_options(False)} leaves 0 in every entry.
 */
final class PyTorchArchive extends PyTorchFile {
  /** Far above what the names and shapes of a network take. */
  private static final long LONGEST_PICKLE = 100_000_000;

  private static final Pattern PICKLE = Pattern.compile("[^/]+/data\\.pkl");

  private final ZipFile zip;
  private final Map<String, ZipEntry> entries;
  private final ZipEntry pickle;
  private final String folder;
  private final boolean hasChecksums;

  PyTorchArchive(Path file, ZipFile zip) throws IOException {
    super(file);
    this.zip = zip;
    this.entries = entries(file, zip);
    List<String> pickles = entries.keySet().stream().filter(PICKLE.asMatchPredicate()).toList();
    if (pickles.size() != 1) {
      throw new WeightsException(
          file + ": a zip archive, but not one of torch.save: it has the pickles " + pickles);
    }
    hasChecksums = entries.values().stream().anyMatch(entry -> entry.getCrc() != 0);
    pickle = Objects.requireNonNull(entries.get(pickles.get(0)));
    folder = pickles.get(0).substring(0, pickles.get(0).indexOf('/') + 1);
  }

  /** Believes no entry that {@code torch.save} would not have written. */
  private static Map<String, ZipEntry> entries(Path file, ZipFile zip) throws IOException {
    Map<String, ZipEntry> entries = ZipEntries.of(file, zip);
    if (entries.keySet().stream().anyMatch(name -> name.endsWith("/constants.pkl"))) {
      throw new WeightsException(
          file + ": a TorchScript program, not a state dictionary; use it without NETWORK:");
    }
    for (ZipEntry entry : entries.values()) {
      if (entry.getMethod() != ZipEntry.STORED) {
        throw ZipEntries.refused(
            file, entry.getName(), "is compressed, which torch.save never does");
      }
    }
    return entries;
  }

  @Override
  @Nullable Object root() throws IOException {
    ZipEntry order = entries.get(folder + "byteorder");
    if (order != null && order.getSize() < 100) {
      try (InputStream in = zip.getInputStream(order)) {
        String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        if (!text.equals("little")) {
          throw new WeightsException(
              file + ": its numbers are in the byte order '" + text + "', not little-endian");
        }
      }
    }
    if (pickle.getSize() > LONGEST_PICKLE) {
      throw bad(pickle.getName(), "is larger than any state dictionary's");
    }
    requireChecksum(pickle);
    try (PickleInput in = new PickleInput(zip.getInputStream(pickle), pickle.getSize())) {
      return new StateUnpickler(file, in).next();
    }
  }

  /** Read twice, as it is small: a name or an offset that is damaged may make sense. */
  private void requireChecksum(ZipEntry entry) throws IOException {
    CRC32 checksum = new CRC32();
    try (InputStream in = new CheckedInputStream(zip.getInputStream(entry), checksum)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    requireChecksum(entry, checksum);
  }

  private void requireChecksum(ZipEntry entry, CRC32 checksum) {
    if (hasChecksums && checksum.getValue() != entry.getCrc()) {
      throw bad(entry.getName(), "is damaged: its checksum does not hold");
    }
  }

  @Override
  Map<String, Tensor> storages(Collection<PickledTensor.Storage> wanted) throws IOException {
    Map<String, Tensor> storages = new LinkedHashMap<>();
    for (PickledTensor.Storage storage : wanted) {
      ZipEntry entry = entries.get(folder + "data/" + storage.key());
      if (entry == null) {
        throw new WeightsException(file + ": truncated: storage " + storage.key() + " is missing");
      }
      if (entry.getSize() != storage.bytes()) {
        throw bad(
            entry.getName(),
            "has " + entry.getSize() + " bytes, and its tensors need " + storage.bytes());
      }
      storages.put(storage.key(), storage(entry, storage));
    }
    return storages;
  }

  private Tensor storage(ZipEntry entry, PickledTensor.Storage storage) throws IOException {
    CRC32 checksum = new CRC32();
    try (ReadableByteChannel channel = Channels.newChannel(zip.getInputStream(entry))) {
      Tensor numbers =
          TensorBytes.read(
              storage.type(),
              new long[] {storage.count()},
              (bytes, offset) -> {
                TensorBytes.fill(channel, bytes, "the archive ends inside an entry");
                checksum.update(bytes.duplicate().flip());
              },
              file + ": entry " + entry.getName());
      requireChecksum(entry, checksum);
      return numbers;
    }
  }

  private WeightsException bad(String entry, String what) {
    return ZipEntries.refused(file, entry, what);
  }
}
