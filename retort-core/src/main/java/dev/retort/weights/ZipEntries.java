package dev.retort.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** What a zip archive of a model must not have. */
public final class ZipEntries {
  private ZipEntries() {}

  /**
   * The entries of an archive by name, in order.
   *
   * @throws WeightsException if a path leads out of the archive, a name is there twice, or what is
   *     not compressed is said to be larger than the file
   */
  public static Map<String, ZipEntry> of(Path file, ZipFile zip) throws IOException {
    Map<String, ZipEntry> entries = new LinkedHashMap<>();
    long size = Files.size(file);
    long stored = 0;
    for (ZipEntry entry : Collections.list(zip.entries())) {
      String name = entry.getName();
      if (!isPlain(name)) {
        throw refused(file, name, "has a path that leads out of the archive");
      }
      if (entries.put(name, entry) != null) {
        throw refused(file, name, "is there twice");
      }
      if (entry.getMethod() == ZipEntry.STORED) {
        stored += entry.getSize();
        if (entry.getSize() != entry.getCompressedSize() || stored > size) {
          throw refused(file, name, "would make the contents larger than the file");
        }
      }
    }
    return entries;
  }

  private static boolean isPlain(String name) {
    return !name.startsWith("/")
        && name.indexOf('\\') < 0
        && name.indexOf(':') < 0
        && name.indexOf('\0') < 0
        && !("/" + name + "/").contains("/../");
  }

  /** Why an entry is not read. */
  public static WeightsException refused(Path file, String entry, String what) {
    return new WeightsException("%s: refused: entry '%s' %s".formatted(file, entry, what));
  }
}
