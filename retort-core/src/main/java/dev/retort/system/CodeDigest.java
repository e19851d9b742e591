package dev.retort.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.security.CodeSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** SHA-256 over compiled code, in the order of the files' names, whatever their dates. */
public final class CodeDigest {
  private static final String UNKNOWN = "unknown";

  private CodeDigest() {}

  /**
   * The digest in hexadecimal of the jar or folder that a class is from: of everything in a jar,
   * and of the classes in a folder. "unknown" where it is in no file of its own.
   */
  public static String of(Class<?> member) {
    return of(place(member));
  }

  /** The same of a place on a class path. */
  public static String of(@Nullable URL place) {
    return digest(place, "", true);
  }

  /**
   * The digest in hexadecimal of Retort's own classes, the same from a jar and from a folder;
   * "unknown" where they are in no file of their own.
   */
  public static String ofRetort() {
    return digest(place(CodeDigest.class), "dev/retort", false);
  }

  /**
   * The digest in hexadecimal of the code that a user put beside Retort's, as {@code --classpath}
   * does; null where there is none, or it cannot be read.
   */
  public static @Nullable String ofExtensions() {
    if (!(Thread.currentThread().getContextClassLoader() instanceof URLClassLoader extended)) {
      return null;
    }
    Sha256 digest = new Sha256();
    try {
      for (URL place : extended.getURLs()) {
        digest.text(of(place));
      }
    } catch (UncheckedIOException e) {
      return null;
    }
    return digest.hex();
  }

  private static @Nullable URL place(Class<?> member) {
    CodeSource source = member.getProtectionDomain().getCodeSource();
    return source == null ? null : source.getLocation();
  }

  private static String digest(@Nullable URL place, String folder, boolean allOfAJar) {
    if (place == null) {
      return UNKNOWN;
    }
    try {
      Path path = Path.of(place.toURI());
      if (Files.isDirectory(path)) {
        return digest(path, folder, false);
      }
      try (FileSystem jar = FileSystems.newFileSystem(path)) {
        return digest(jar.getPath("/"), folder, allOfAJar);
      }
    } catch (URISyntaxException
        | IllegalArgumentException
        | FileSystemNotFoundException
        | ProviderNotFoundException e) {
      return UNKNOWN; // a jar inside another one, say
    } catch (IOException e) {
      throw new UncheckedIOException("the code in " + place + " cannot be read", e);
    }
  }

  private static String digest(Path root, String folder, boolean all) throws IOException {
    Sha256 digest = new Sha256();
    List<Path> counted;
    try (Stream<Path> files = Files.walk(root.resolve(folder))) {
      counted =
          files
              .filter(file -> all || file.toString().endsWith(".class"))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
    }
    for (Path file : counted) {
      String name = root.relativize(file).toString().replace('\\', '/');
      byte[] header = (name + ":" + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8);
      digest.bytes(header).file(file);
    }
    return digest.hex();
  }
}
