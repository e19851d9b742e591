package dev.retort.data.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TarGzTest {
  private static final byte[] CONTENT = {1, 2, 3};

  private Path temporary;

  @BeforeEach
  void setFolder(@TempDir Path folder) {
    temporary = folder;
  }

  @Test
  void wantedFilesAreWrittenWithoutTheirFolders() throws IOException {
    unpack(
        new MadeArchive()
            .folder("a/")
            .file("a/b/wanted", CONTENT)
            .file("a/other", new byte[] {9})
            .file("x..y/..z", new byte[0])
            .bytes());

    assertThat(temporary.resolve("into/wanted")).hasBinaryContent(CONTENT);
    assertThat(temporary.resolve("into")).isDirectoryNotContaining("glob:**other");
  }

  /** As bgzip writes them, or cat of two. */
  @Test
  void anArchiveOfSeveralGzipMembersIsReadToItsEnd() throws IOException {
    byte[] whole = new MadeArchive().file("a/wanted", CONTENT).bytes();
    byte[] tar;
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(whole))) {
      tar = gzip.readAllBytes();
    }
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    for (byte[] part : List.of(Arrays.copyOf(tar, 300), Arrays.copyOfRange(tar, 300, tar.length))) {
      GZIPOutputStream gzip = new GZIPOutputStream(members);
      gzip.write(part);
      gzip.finish();
    }
    unpack(members.toByteArray());

    assertThat(temporary.resolve("into/wanted")).hasBinaryContent(CONTENT);
  }

  @Test
  void namesThatLeadOutAreRefusedByName() {
    assertRefused(new MadeArchive().file("../wanted", CONTENT), "../wanted", "leads out");
    assertRefused(new MadeArchive().file("a/../../wanted", CONTENT), "a/../..", "leads out");
    assertRefused(new MadeArchive().file("a\\..\\wanted", CONTENT), "a", "leads out");
    assertRefused(new MadeArchive().file("a/..", CONTENT), "a/..", "leads out");
    assertRefused(new MadeArchive().file("/tmp/wanted", CONTENT), "/tmp/wanted", "is absolute");
    assertRefused(new MadeArchive().file("C:\\wanted", CONTENT), "C:", "is absolute");
  }

  @Test
  void linksAndDevicesAreRefusedByName() {
    assertRefused(
        new MadeArchive().special("a/link", TarConstants.LF_SYMLINK, "/etc"), "a/link", "a link");
    assertRefused(
        new MadeArchive().special("a/hard", TarConstants.LF_LINK, "wanted"), "a/hard", "a link");
    assertRefused(
        new MadeArchive().special("a/fifo", TarConstants.LF_FIFO, ""), "a/fifo", "neither");
  }

  @Test
  void bombIsRefusedEvenWhereItIsNotWanted() {
    byte[] zeros = new byte[4 << 20];
    assertRefused(new MadeArchive().file("zeros", zeros), "zeros", "more than 100 : 1");
    assertRefused(new MadeArchive().file("wanted", zeros), "wanted", "bytes, where at most");
  }

  @Test
  void secondFileOfTheSameNameIsRefused() {
    assertRefused(
        new MadeArchive().file("a/wanted", CONTENT).file("b/wanted", CONTENT),
        "b/wanted",
        "comes twice");
  }

  @Test
  void otherFormatsAreRefused() {
    assertThatThrownBy(() -> unpack(new byte[] {'P', 'K', 3, 4}))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is not a gzip-compressed tar archive");
    assertThatThrownBy(() -> unpack(new byte[0])).isInstanceOf(DataException.class);
  }

  @Test
  @Timeout(60)
  void damageGivesOurExceptionOrAValidReading() throws IOException {
    byte[] content = new byte[3_000];
    new SplittableRandom(5).nextBytes(content);
    byte[] good = new MadeArchive().folder("a/").file("a/wanted", content).bytes();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 150; i++) {
      byte[] bad = i % 3 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      if (bad.length > 0) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        unpack(bad);
      } catch (DataException e) {
        assertThat(e).hasMessageStartingWith("made.tar.gz");
      }
    }
  }

  private void assertRefused(MadeArchive archive, String name, String why) {
    assertThatThrownBy(() -> unpack(archive.bytes()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is refused for its entry \"" + name)
        .hasMessageContaining(why);
  }

  private void unpack(byte[] archive) throws IOException {
    Path file = Files.write(temporary.resolve("archive.tar.gz"), archive);
    Path into = Files.createDirectories(temporary.resolve("into"));
    new TarGz(file, "made.tar.gz").unpack(into, Map.of("wanted", 3_000L), FetchProgress.NONE);
  }
}
