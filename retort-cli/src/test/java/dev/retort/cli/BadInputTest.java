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

  /** ConfigurationErrorTest has the other sentences. */
  @Test
  void configurations() throws IOException {
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

  /** SafeTensorsTest has the other sentences. */
  @Test
  void safetensors() throws IOException {
    String tensor = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}";
    String header = "{\"a\":" + tensor + "}";
    assertWeightsRefused("its header would have 100000001 bytes", 100_000_001, "{}");
    assertWeightsRefused("63 bits", header.length(), header);
  }

  private void assertWeightsRefused(String sentence, long length, String header)
      throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    Path file = Files.write(folder.resolve("weights.safetensors"), bytes.array());
    assertRefused(FILE, sentence, "inspect", file.toString());
  }

  /** TarGzTest has the other sentences. */
  @Test
  void archives() throws IOException {
    Path outside = folder.resolve("outside.tar.gz");
    try (TarArchiveOutputStream tar = tar(outside)) {
      tar.putArchiveEntry(new TarArchiveEntry("../data_batch_1.bin", true));
      tar.closeArchiveEntry();
    }
    assertFetchRefused("\"../data_batch_1.bin\": its name leads out of the folder", outside);
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
