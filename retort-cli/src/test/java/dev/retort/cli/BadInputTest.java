package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people and attackers hand to the command: one sentence that names the place, the exit code
 * of its kind, nothing written, and little memory asked for where a bomb would take gigabytes.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BadInputTest {
  private static final int CONFIGURATION = 2;
  private static final int FILE = 4;
  private static final int CIFAR_FILE = 10_000 * 3073;

  /** What a refusal may ask for in all, in bytes, whether it is held or not. */
  private static final long MEMORY = 64L << 20;

  /** The same where a teacher was opened first. */
  private static final long MEMORY_WITH_TEACHER = 256L << 20;

  @TempDir Path folder;

  private Path out;
  private long memory = MEMORY;

  @BeforeEach
  void warmUp() {
    out = folder.resolve("out");
    CommandRun.of("inspect", "bundled:cifar10"); // loads LibTorch
  }

  private void assertRefused(int exitCode, String sentence, String... arguments) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    CommandRun run = CommandRun.of(arguments);
    long taken = threads.getCurrentThreadAllocatedBytes() - before;

    List<String> said =
        run.err().lines().filter(line -> !line.matches("(reading|unpacking) .* …")).toList();
    assertThat(said).as(String.join(" ", arguments)).hasSize(1);
    assertThat(said.get(0)).startsWith("retort: ").contains(sentence).hasSizeLessThan(1000);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
    assertThat(out).doesNotExist();
    assertThat(taken).as(run.err()).isLessThan(memory);
  }

  private void assertStudyRefused(String sentence, String change, String by) throws IOException {
    String study =
        """
        data: cifar10-mini
        teacher: bundled:cifar10
        student: resnet8
        training: {epochs: 1}
        methods: [hinton]
        """;
    assertThat(study).contains(change);
    Path file = Files.writeString(folder.resolve("study.yaml"), study.replace(change, by));
    assertRefused(CONFIGURATION, sentence, "compare", file.toString(), "--out", out.toString());
  }

  @Test
  void configurations() throws IOException {
    assertStudyRefused("study.yaml:4:12: ", "epochs", "epoch");
    assertStudyRefused("did you mean 'epochs'?", "epochs", "epoch");
    assertStudyRefused("stands here a second time; first at", "data:", "data: a\ndata:");
    assertStudyRefused("epochs must be at least 1, not -3", "epochs: 1", "epochs: -3");
    assertStudyRefused("1e999 is not a finite number", "epochs: 1", "epochs: 1, momentum: 1e999");
    assertStudyRefused(
        "the tag !!java.net.URLClassLoader is not read",
        "cifar10-mini",
        "!!java.net.URLClassLoader [[!!java.net.URL ['http://localhost/']]]");
    StringBuilder bomb = new StringBuilder("[&a0 [x,x,x,x,x,x,x,x,x]");
    for (int i = 1; i < 12; i++) {
      bomb.append(", &a").append(i).append(" [");
      bomb.append(String.join(",", java.util.Collections.nCopies(9, "*a" + (i - 1)))).append(']');
    }
    assertStudyRefused("aliases repeat more than 50000 values", "[hinton]", bomb + "]");
    assertRefused(ExitCode.USAGE, "/", "compare", "/", "--out", folder.resolve("out").toString());
    memory = MEMORY_WITH_TEACHER;
    assertStudyRefused(
        "'no-such-layer'",
        "[hinton]",
        "[{name: a, objectives: [hinton, adversary: {on: [no-such-layer]}]}]");
  }

  /** Cifar10Test has the sentences for damaged files. */
  @Test
  void filesOfCifar10ThatAreNotThere() throws IOException {
    Files.write(folder.resolve("data_batch_3.bin"), new byte[CIFAR_FILE]);
    memory = MEMORY_WITH_TEACHER;
    assertRefused(
        FILE,
        "Fetch the data set: retort data fetch cifar10 --to " + folder,
        "evaluate",
        "bundled:cifar10",
        "--data",
        "cifar10:" + folder);
  }

  @Test
  void pictures() throws IOException {
    byte[] png = png(8, 8);
    assertPictureRefused("the file is empty", new byte[0]);
    assertPictureRefused("damaged", Arrays.copyOf(png, png.length / 2));
    assertPictureRefused("too large: 65535 x 65535 pixels", png(65535, 65535));
    assertPictureRefused("no picture in JPEG", "<svg/>".getBytes(StandardCharsets.UTF_8));
  }

  private void assertPictureRefused(String sentence, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("picture.png"), content);
    assertRefused(FILE, file + ": " + sentence, "predict", "bundled:cifar10", file.toString());
  }

  /** A grey picture of 8 × 8 whose header may say otherwise. */
  private static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    javax.imageio.ImageIO.write(
        new java.awt.image.BufferedImage(8, 8, java.awt.image.BufferedImage.TYPE_BYTE_GRAY),
        "png",
        bytes);
    byte[] png = bytes.toByteArray();
    ByteBuffer.wrap(png).putInt(16, width).putInt(20, height);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    return png;
  }

  @Test
  void safetensors() throws IOException {
    String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    assertWeightsRefused("its header would have 100000001 bytes", 100_000_001, "{}", 0);
    assertWeightsRefused("truncated: the header ends at byte", 900, "{}", 0);
    assertWeightsRefused("they overlap", "{" + a + "," + other(a, "[4,12]") + "}", 12);
    assertWeightsRefused("belong to none", "{" + a + "," + other(a, "[12,20]") + "}", 20);
    assertWeightsRefused("has the dtype 'F33'", "{" + a.replace("F32", "F33") + "}", 8);
    assertWeightsRefused("and I64 of shape [2] takes 16", "{" + a.replace("F32", "I64") + "}", 8);
    assertWeightsRefused("has the key 'a' twice", "{" + a + "," + a + "}", 8);
    assertWeightsRefused("it is truncated or damaged", "{" + a + "}", 4);
    assertWeightsRefused("63 bits", "{" + a.replace("[0,8]", "[0,99999999999999999999]") + "}", 8);
    assertWeightsRefused("63 bits", "{" + a.replace("[2]", "[-2]") + "}", 8);
  }

  private static String other(String tensor, String offsets) {
    return tensor.replace("\"a\"", "\"b\"").replace("[0,8]", offsets);
  }

  private void assertWeightsRefused(String sentence, String header, int data) throws IOException {
    assertWeightsRefused(sentence, header.length(), header, data);
  }

  private void assertWeightsRefused(String sentence, long length, String header, int data)
      throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    Path file = Files.write(folder.resolve("weights.safetensors"), bytes.array());
    assertRefused(FILE, sentence, "inspect", file.toString());
  }

  @Test
  void archives() throws IOException {
    assertArchiveRefused("its name leads out of the folder", "../data_batch_1.bin", (byte) '0');
    assertArchiveRefused("its name is absolute", "/data_batch_1.bin", (byte) '0');
    assertArchiveRefused("it is a link", "data_batch_1.bin", TarConstants.LF_SYMLINK);
    assertArchiveRefused("it is a link", "data_batch_1.bin", TarConstants.LF_LINK);
    Path bomb = folder.resolve("bomb.tar.gz");
    try (TarArchiveOutputStream tar = tar(bomb)) {
      TarArchiveEntry entry = new TarArchiveEntry("data_batch_1.bin", true);
      entry.setSize(CIFAR_FILE);
      tar.putArchiveEntry(entry);
      tar.write(new byte[CIFAR_FILE]);
      tar.closeArchiveEntry();
    }
    assertFetchRefused("it is compressed more than 100 : 1", bomb);
  }

  private void assertArchiveRefused(String sentence, String name, byte type) throws IOException {
    Path archive = folder.resolve("archive.tar.gz");
    try (TarArchiveOutputStream tar = tar(archive)) {
      TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
      entry.setLinkName("/etc/passwd");
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
    }
    assertFetchRefused("\"" + name + "\": " + sentence, archive);
  }

  private void assertFetchRefused(String sentence, Path archive) {
    assertRefused(
        FILE,
        sentence,
        "data",
        "fetch",
        "cifar10",
        "--from",
        archive.toString(),
        "--to",
        out.toString());
    List<String> left = new ArrayList<>();
    for (String file : folder.toFile().list()) {
      if (!file.endsWith(".tar.gz")) {
        left.add(file);
      }
    }
    assertThat(left).isEmpty();
  }

  private static TarArchiveOutputStream tar(Path file) throws IOException {
    OutputStream out = new GZIPOutputStream(Files.newOutputStream(file));
    TarArchiveOutputStream tar = new TarArchiveOutputStream(out);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    return tar;
  }
}
