package dev.retort.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects: what a network of a user's own computed is not taken for what its new code would. */
class CodeDigestTest {
  private static final String MEMBER = "dev/retort/system/CodeDigestTest$Member.class";
  private static final String OTHER = "dev/retort/system/Other.class";

  @TempDir Path folder;

  static class Member {}

  private static byte[] member() throws IOException {
    try (var in = CodeDigestTest.class.getClassLoader().getResourceAsStream(MEMBER)) {
      return in.readAllBytes();
    }
  }

  private static String digest(Path place) throws IOException, ClassNotFoundException {
    try (var loader = new URLClassLoader(new URL[] {place.toUri().toURL()}, null)) {
      return CodeDigest.of(loader.loadClass("dev.retort.system.CodeDigestTest$Member"));
    }
  }

  private void write(String name, byte[] content) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.write(folder.resolve(name), content);
  }

  @Test
  void aFolderIsDigestedWithEveryClassInIt() throws Exception {
    write(MEMBER, member());
    write(OTHER, new byte[] {1});
    write("notes.txt", new byte[] {1});
    Sha256 expected = new Sha256();
    for (var entry : List.of(MEMBER, OTHER)) {
      byte[] content = Files.readAllBytes(folder.resolve(entry));
      byte[] head = (entry + ":" + content.length + "\n").getBytes(StandardCharsets.UTF_8);
      expected.bytes(head).bytes(content);
    }
    String before = digest(folder);
    assertThat(before).isEqualTo(expected.hex());

    write(OTHER, new byte[] {2});
    assertThat(digest(folder)).isNotEqualTo(before);
  }

  @Test
  void aJarHasTheDigestOfItsClassesInAFolder() throws Exception {
    write(MEMBER, member());
    Path jar = folder.resolve("own.jar");
    try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry(MEMBER));
      zip.write(member());
    }
    assertThat(digest(jar)).isEqualTo(digest(folder));
    // What a network reads from its jar is part of it.
    try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry(MEMBER));
      zip.write(member());
      zip.putNextEntry(new ZipEntry("table.csv"));
      zip.write(1);
    }
    assertThat(digest(jar)).isNotEqualTo(digest(folder));
  }
}
