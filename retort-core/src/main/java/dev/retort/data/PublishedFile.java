package dev.retort.data;

import dev.retort.system.FileFailure;
import dev.retort.system.Sha256;
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
   * Reads it whole.
   *
   * @param advice the end of a message: how to get the file
   * @throws DataException if it is missing, cannot be read, or is not the published one
   */
  byte[] read(Path folder, String advice) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + " is missing. " + advice);
    }
    try (InputStream in = Files.newInputStream(file)) {
      long size = Files.size(file);
      byte[] content = in.readNBytes((int) Math.min(size, bytes));
      if (size != bytes || content.length != bytes) {
        throw new DataException(
            "%s is %s: %d bytes, where the published one has %d. %s"
                .formatted(file, size > bytes ? "too long" : "cut off", size, bytes, advice));
      }
      String digest = Sha256.of(content);
      if (!digest.equals(sha256)) {
        throw new DataException(
            "%s was altered: its SHA-256 is %s, the published file's %s. %s"
                .formatted(file, digest, sha256, advice));
      }
      return content;
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }
}
