package dev.retort.data;

import dev.retort.system.FileFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of a data set as its authors published it.
 *
 * @param name the file's name in its folder
 * @param bytes its length
 * @param sha256 in hexadecimal
 */
public record PublishedFile(String name, long bytes, String sha256) {
  /**
   * What is in a file that should have a published one's length.
   *
   * @param advice the end of a message: how to get the file
   * @throws DataException if it is missing, has another length, or cannot be read
   */
  static byte[] read(Path file, long length, String advice) {
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + " is missing. " + advice);
    }
    try (InputStream in = Files.newInputStream(file)) {
      long size = Files.size(file);
      byte[] bytes = in.readNBytes((int) Math.min(size, length));
      if (size != length || bytes.length != length) {
        throw new DataException(
            "%s is %s: %d bytes, where the published one has %d. %s"
                .formatted(file, size > length ? "too long" : "cut off", size, length, advice));
      }
      return bytes;
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }
}
