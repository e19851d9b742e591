package dev.retort.data;

import java.io.InputStream;
import java.util.Objects;

/** A file of the artifact {@code retort-cifar10}, which is on the class path or is not. */
public final class BundledFile {
  private static final String FOLDER = "dev/retort/cifar10/";

  private BundledFile() {}

  /**
   * Opens a file.
   *
   * @param file its name
   * @param asked what a user has named, for the message
   * @throws DataException if the artifact is not on the class path
   */
  public static InputStream open(String file, String asked) {
    ClassLoader loader =
        Objects.requireNonNullElse(
            Thread.currentThread().getContextClassLoader(), BundledFile.class.getClassLoader());
    InputStream stream = loader.getResourceAsStream(FOLDER + file);
    if (stream == null) {
      throw new DataException(
          asked + " is in the artifact dev.retort:retort-cifar10, which is not on the class path");
    }
    return stream;
  }
}
