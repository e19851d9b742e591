package dev.retort.study;

import dev.retort.data.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.List;
import java.util.stream.Stream;

/**
 * SHA-256 over the library's compiled classes, in the order of their names: the same from a jar and
 * from a folder of classes, whatever their dates.
 */
final class SourceDigest {
  private static final String UNKNOWN = "unknown";

  private SourceDigest() {}

  /** The digest in hexadecimal; "unknown" where the library is in no file of its own. */
  static String ofLibrary() {
    try {
      URI location = SourceDigest.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      Path path = Path.of(location);
      if (Files.isDirectory(path)) {
        return ofClasses(path);
      }
      try (FileSystem jar = FileSystems.newFileSystem(path)) {
        return ofClasses(jar.getPath("/"));
      }
    } catch (URISyntaxException
        | IllegalArgumentException
        | FileSystemNotFoundException
        | ProviderNotFoundException e) {
      return UNKNOWN; // a jar inside another one, say
    } catch (IOException e) {
      throw new UncheckedIOException("the library's own classes cannot be read", e);
    }
  }

  private static String ofClasses(Path root) throws IOException {
    Sha256 digest = new Sha256();
    List<Path> classes;
    try (Stream<Path> files = Files.walk(root.resolve("dev/retort"))) {
      classes = files.filter(file -> file.toString().endsWith(".class")).sorted().toList();
    }
    for (Path file : classes) {
      String name = root.relativize(file).toString().replace('\\', '/');
      byte[] content = Files.readAllBytes(file);
      byte[] header = (name + ":" + content.length + "\n").getBytes(StandardCharsets.UTF_8);
      digest.bytes(header, 0, header.length).bytes(content, 0, content.length);
    }
    return digest.hex();
  }

  /** SHA-256 in hexadecimal of a text in UTF-8. */
  static String of(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
