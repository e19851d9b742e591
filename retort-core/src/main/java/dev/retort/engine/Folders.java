package dev.retort.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders that are made where they are missing. */
public final class Folders {
  private Folders() {}

  /**
   * Makes a folder with those above it. A link to a folder is one, which Java 17 before 17.0.14
   * denies.
   *
   * @return the folder
   */
  public static Path make(Path folder) throws IOException {
    return Files.isDirectory(folder) ? folder : Files.createDirectories(folder);
  }
}
