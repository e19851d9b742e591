package dev.retort.data;

import dev.retort.system.Sha256;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pictures of which each is a file. */
record ImageFiles(List<Path> files) implements EncodedImages {
  /** A file is read whole, beside what it is decoded into. */
  private static final long MAXIMUM_BYTES =
      Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 2);

  private static final String ATTRIBUTES =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix")
          ? "unix:size,lastModifiedTime,ctime"
          : "size,lastModifiedTime";

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public String place(int index) {
    return files.get(index).toString();
  }

  @Override
  public byte[] read(int index) throws IOException {
    Path file = files.get(index);
    if (Files.size(file) > MAXIMUM_BYTES) {
      throw new IOException(
          "the file is larger than a gigabyte, or than Java's memory allows for (RETORT_JAVA_OPTIONS=-Xmx4g gives more)");
    }
    return Files.readAllBytes(file);
  }

  /**
   * From paths, sizes and times of change. Where the system keeps one, the time at which a file's
   * entry changed counts, too: an archive that is unpacked over pictures may give them their old
   * dates.
   */
  @Override
  public String stamp() {
    Sha256 sha = new Sha256().text("files").numbers(files.size());
    for (Path file : files) {
      try {
        Map<String, Object> attributes = Files.readAttributes(file, ATTRIBUTES);
        sha.text(file.toAbsolutePath() + " " + new TreeMap<>(attributes));
      } catch (IOException e) {
        sha.text(file + " cannot be read");
      }
    }
    return sha.hex();
  }
}
