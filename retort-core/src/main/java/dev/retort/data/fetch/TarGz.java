package dev.retort.data.fetch;

import dev.retort.data.DataException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A gzip-compressed tar archive from anywhere. What it says is not believed: an entry that leads
 * out of the folder, a link, a device, a second entry of the same name and a compression of more
 * than 100 : 1 are refused.
 */
final class TarGz {
  private static final int LARGEST_RATIO = 100;

  /** Small archives of repeated bytes are no danger. */
  private static final long HARMLESS = 1 << 20;

  private static final Pattern WINDOWS_DRIVE = Pattern.compile("[A-Za-z]:.*", Pattern.DOTALL);

  private static final String ADVICE = "; try again, or another --from";

  private final Path archive;
  private final String source;
  private String entryName = "its beginning";

  /**
   * An archive that is on this machine.
   *
   * @param source where it comes from, for messages
   */
  TarGz(Path archive, String source) {
    this.archive = archive;
    this.source = source;
  }

  /**
   * Writes the wanted files into a folder, without the folders that they are in.
   *
   * @param wanted the largest size in bytes of each file, by name
   * @throws DataException if the archive is not whole, or refused
   */
  void unpack(Path into, Map<String, Long> wanted, FetchProgress progress) throws IOException {
    long size = Files.size(archive);
    Set<String> written = new HashSet<>();
    try (InputStream file = Files.newInputStream(archive);
        GzipCompressorInputStream gzip = gzip(file);
        TarArchiveInputStream tar = new TarArchiveInputStream(new RatioGuard(gzip))) {
      for (TarArchiveEntry entry = next(tar); entry != null; entry = next(tar)) {
        String name = checkedName(entry);
        Long largest = wanted.get(name);
        if (largest == null || entry.isDirectory()) {
          continue;
        }
        if (entry.getSize() > largest) {
          throw refused(
              "it has " + entry.getSize() + " bytes, where at most " + largest + " are due");
        }
        if (!written.add(name)) {
          throw refused("it comes twice");
        }
        try (OutputStream out = Files.newOutputStream(into.resolve(name))) {
          byte[] buffer = new byte[1 << 16];
          for (int n = read(tar, buffer); n >= 0; n = read(tar, buffer)) {
            out.write(buffer, 0, n);
            progress.at("unpacking", gzip.getCompressedCount(), size);
          }
        }
      }
    }
  }

  private GzipCompressorInputStream gzip(InputStream file) {
    try {
      return GzipCompressorInputStream.builder()
          .setInputStream(file)
          .setDecompressConcatenated(true)
          .get();
    } catch (IOException e) {
      throw new DataException(
          source + " is not a gzip-compressed tar archive (.tar.gz): " + e.getMessage() + ADVICE,
          e);
    }
  }

  private @Nullable TarArchiveEntry next(TarArchiveInputStream tar) {
    try {
      TarArchiveEntry entry = tar.getNextEntry();
      if (entry != null) {
        entryName = entry.getName();
      }
      return entry;
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  private int read(TarArchiveInputStream tar, byte[] buffer) {
    try {
      return tar.read(buffer);
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  /** The last part of an entry's path, if the entry is a harmless one. */
  private String checkedName(TarArchiveEntry entry) {
    String path = entry.getName().replace('\\', '/');
    if (path.startsWith("/") || WINDOWS_DRIVE.matcher(path).matches()) {
      throw refused("its name is absolute");
    }
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        throw refused("its name leads out of the folder");
      }
    }
    if (entry.isSymbolicLink() || entry.isLink()) {
      throw refused("it is a link");
    }
    if (entry.isFIFO() || entry.isCharacterDevice() || entry.isBlockDevice() || entry.isSparse()) {
      throw refused("it is neither a plain file nor a folder");
    }
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private DataException refused(String why) {
    return new DataException(source + " is refused for its entry \"" + entryName + "\": " + why);
  }

  private DataException damaged(Exception cause) {
    return new DataException(
        "%s is damaged or cut off at \"%s\": %s%s"
            .formatted(source, entryName, cause.getMessage(), ADVICE),
        cause);
  }

  /** Stops where the bytes that have come out are too many for those that went in. */
  private final class RatioGuard extends FilterInputStream {
    private final GzipCompressorInputStream gzip;
    private long out;

    RatioGuard(GzipCompressorInputStream gzip) {
      super(gzip);
      this.gzip = gzip;
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      count(Math.max(read, 0));
      return read;
    }

    @Override
    public long skip(long wanted) throws IOException {
      // In small steps, so that a bomb is noticed before all of it is unpacked.
      long skipped = super.skip(Math.min(wanted, HARMLESS));
      count(skipped);
      return skipped;
    }

    private void count(long bytes) {
      out += bytes;
      if (out > HARMLESS && out > LARGEST_RATIO * gzip.getCompressedCount()) {
        throw refused("it is compressed more than " + LARGEST_RATIO + " : 1");
      }
    }
  }
}
