package dev.retort.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Folders that are made where they are missing, and removed with all in them; and their paths. */
public final class Folders {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?[A-Za-z_]");

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

  /**
   * The path that a text means.
   *
   * @param base what a relative one starts from
   * @throws IllegalArgumentException if it is no path, or has what only a shell reads: ~/ at its
   *     beginning, or $NAME in a path that is not there
   */
  public static Path resolve(Path base, String text) {
    if (text.startsWith("~/")) {
      throw new IllegalArgumentException(
          text + ": ~ stands for nothing here; write the path of your home folder");
    }
    Path path = base.resolve(text).normalize();
    if (VARIABLE.matcher(text).find() && Files.notExists(path)) {
      throw new IllegalArgumentException(text + ": $ stands for nothing here; write the path out");
    }
    return path;
  }

  /** Where a path leads by links, as far as it is there. */
  public static Path real(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path there = absolute; there != null; there = there.getParent()) {
      try {
        return there.toRealPath().resolve(there.relativize(absolute)).normalize();
      } catch (IOException e) {
        // It is not there yet: what is above it may be a link.
      }
    }
    return absolute;
  }

  /** Removes a folder, if it is there, with all that is in it; links are not followed. */
  public static void delete(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.deleteIfExists(file);
    }
  }
}
