package dev.retort.teacher;

import dev.retort.system.FileFailure;
import dev.retort.system.Sha256;
import dev.retort.weights.WeightsException;
import dev.retort.weights.ZipEntries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What is looked at in a TorchScript file before LibTorch reads it: a zip archive of a program's
 * source, compressed, and of its tensors, which are not.
 *
 * @param digest the file's SHA-256, in hexadecimal
 * @param extraFiles what was stored beside the program, as text by name; nothing large
 */
record TorchScriptArchive(String digest, Map<String, String> extraFiles) {
  /** Far above what the source of a network takes. */
  private static final long LARGEST_SOURCE = 50_000_000;

  /** More than a thousand long names of classes. */
  private static final long LARGEST_EXTRA = 1_000_000;

  /** The archive's own folder, then PyTorch's for what is not the program's. */
  private static final Pattern EXTRA = Pattern.compile("[^/]+/extra/(.+)");

  /**
   * Looks at a file. What its program does is not looked at: running it means trusting it.
   *
   * @throws WeightsException if the file is missing, no TorchScript, or would take more memory than
   *     it has bytes
   */
  static TorchScriptArchive read(Path file) {
    Map<String, String> extraFiles = extraFiles(file);
    try {
      return new TorchScriptArchive(Sha256.of(file), extraFiles);
    } catch (IOException e) {
      throw new WeightsException(file + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /**
   * What was stored beside the program alone, of a file that is looked at likewise.
   *
   * @throws WeightsException likewise
   */
  static Map<String, String> extraFiles(Path file) {
    try {
      if (!Files.exists(file)) {
        throw new NoSuchFileException(file.toString());
      }
      try (ZipFile zip = new ZipFile(file.toFile())) {
        Map<String, ZipEntry> entries = ZipEntries.of(file, zip);
        check(file, entries);
        return extraFiles(zip, entries);
      }
    } catch (NoSuchFileException e) {
      throw new WeightsException(file + ": no such file or folder", e);
    } catch (ZipException e) {
      throw new WeightsException(
          file + ": no TorchScript file, or cut off; a state dictionary is written NETWORK:FILE",
          e);
    } catch (IOException e) {
      throw new WeightsException(file + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private static void check(Path file, Map<String, ZipEntry> entries) {
    long source = 0;
    for (ZipEntry entry : entries.values()) {
      if (entry.getMethod() != ZipEntry.STORED) {
        source += entry.getSize();
        if (source > LARGEST_SOURCE || entry.getSize() < 0) {
          throw ZipEntries.refused(
              file, entry.getName(), "would take more memory than a program's source");
        }
      }
    }
    if (entries.keySet().stream().noneMatch(name -> name.endsWith("/constants.pkl"))) {
      throw new WeightsException(
          file + ": no TorchScript program; a state dictionary is written NETWORK:FILE");
    }
  }

  private static Map<String, String> extraFiles(ZipFile zip, Map<String, ZipEntry> entries)
      throws IOException {
    Map<String, String> extra = new TreeMap<>();
    for (ZipEntry entry : entries.values()) {
      Matcher name = EXTRA.matcher(entry.getName());
      if (name.matches() && entry.getSize() <= LARGEST_EXTRA) {
        try (InputStream in = zip.getInputStream(entry)) {
          extra.put(
              name.group(1),
              new String(in.readNBytes((int) LARGEST_EXTRA), StandardCharsets.UTF_8));
        }
      }
    }
    return extra;
  }
}
