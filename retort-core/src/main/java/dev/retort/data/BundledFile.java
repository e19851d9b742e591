package dev.retort.data;

import dev.retort.system.Providers;
import java.io.InputStream;

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
    for (ClassLoader loader : Providers.loaders()) {
      InputStream stream = loader.getResourceAsStream(FOLDER + file);
      if (stream != null) {
        return stream;
      }
    }
    throw new DataException(
        asked + " is in the artifact dev.retort:retort-cifar10, which is not on the class path");
  }
}
