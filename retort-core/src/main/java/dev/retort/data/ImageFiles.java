package dev.retort.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** Pictures of which each is a file. */
record ImageFiles(List<Path> files) implements EncodedImages {
  /** No picture that can be decoded is larger. */
  private static final long MAXIMUM_BYTES = 1L << 30;

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
      throw new IOException("the file is larger than a gigabyte");
    }
    return Files.readAllBytes(file);
  }

  /** From paths, sizes and times of change. */
  @Override
  public String stamp() {
    Sha256 sha = new Sha256().text("files").numbers(files.size());
    for (Path file : files) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        sha.text(
            file.toAbsolutePath()
                + " "
                + attributes.size()
                + " "
                + attributes.lastModifiedTime().toMillis());
      } catch (IOException e) {
        sha.text(file + " cannot be read");
      }
    }
    return sha.hex();
  }
}
