package dev.retort.data.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.retort.data.MadeCifar10;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** scripts/cifar10_from_npm.py, told the length and the digests of made files. */
@Timeout(60)
class Cifar10FromNpmTest {
  private static final String CALL =
      "import cifar10_from_npm as script\nscript.RECORDS = %d\nscript.SHA256 = {%s}\nscript.main()"
          .formatted(
              MadeCifar10.RECORDS,
              MadeCifar10.FILES.all().stream()
                  .map(file -> "'%s': '%s'".formatted(stem(file.name()), file.sha256()))
                  .collect(Collectors.joining(", ")));

  private Path sheets;
  private Path target;

  @BeforeEach
  void writeSheets(@TempDir Path folder) throws IOException, InterruptedException {
    assumeTrue(run("-c", "").isEmpty(), "there is no python3");
    sheets = Files.createDirectory(folder.resolve("package"));
    target = folder.resolve("cifar10");
    for (int file = 1; file <= 6; file++) {
      BufferedImage sheet =
          new BufferedImage(1024, MadeCifar10.RECORDS, BufferedImage.TYPE_INT_RGB);
      for (int record = 0; record < MadeCifar10.RECORDS; record++) {
        for (int k = 0; k < 1024; k++) {
          int rgb = 0;
          for (int channel = 0; channel < 3; channel++) {
            rgb = rgb << 8 | MadeCifar10.value(file, record, channel, k);
          }
          sheet.setRGB(k, record, rgb);
        }
      }
      String name = stem(MadeCifar10.FILES.all().get(file - 1).name()) + ".png";
      ImageIO.write(sheet, "png", sheets.resolve(name).toFile());
    }
    Files.writeString(sheets.resolve("train_lables.json"), labels(1, 5));
    Files.writeString(sheets.resolve("test_lables.json"), labels(6, 6));
  }

  @Test
  void theFolderAndTheArchiveBecomeTheBinaryFiles() throws Exception {
    MadeArchive archive = new MadeArchive();
    try (Stream<Path> files = Files.list(sheets)) {
      for (Path file : files.toList()) {
        archive.file("package/" + file.getFileName(), Files.readAllBytes(file));
      }
    }
    Path packed = Files.write(sheets.resolveSibling("package.tgz"), archive.bytes());
    for (Path source : List.of(sheets, sheets.getParent(), packed)) {
      Path made = target.resolve(source.getFileName());
      String said = convert(source, made);
      for (String name : MadeCifar10.CONTENTS.keySet()) {
        assertThat(made.resolve(name)).as(said).hasBinaryContent(MadeCifar10.content(name));
      }
    }
  }

  @Test
  void damagedSheetsAreOneSentenceAndWriteNothing() throws Exception {
    Path sheet = sheets.resolve("data_batch_2.png");
    byte[] whole = Files.readAllBytes(sheet);
    byte[] wide = whole.clone();
    wide[18] = (byte) 0xff; // the header's width: 65,280
    Files.write(sheet, wide);
    assertRefused("data_batch_2.png cannot be converted: it is not 1024 x 4 pixels of RGB");

    Files.write(sheet, Arrays.copyOf(whole, whole.length / 2));
    assertRefused("data_batch_2.png cannot be converted");

    Files.write(sheet, new byte[0]);
    assertRefused("data_batch_2.png cannot be converted: it is no PNG");

    ImageIO.write(
        new BufferedImage(1024, 4, BufferedImage.TYPE_USHORT_GRAY), "png", sheet.toFile());
    assertRefused("data_batch_2.png cannot be converted: it is not 1024 x 4 pixels of RGB");

    Files.write(sheet, whole);
    Files.writeString(sheets.resolve("test_lables.json"), "[0,1,2,3]");
    assertRefused("test_batch.png is not the published data: SHA-256 ");
    Files.writeString(sheets.resolve("test_lables.json"), "{}");
    assertRefused("test_lables.json is not a list of labels");
    Files.delete(sheet);
    assertRefused("data_batch_2.png");
  }

  private void assertRefused(String sentence) throws Exception {
    assertThat(convert(sheets, target)).contains(sentence).doesNotContain("Traceback");
    assertThat(target).doesNotExist();
  }

  private static String convert(Path source, Path target) throws Exception {
    return run("-c", CALL, source.toString(), target.toString());
  }

  /** What Python prints; its failure to start, too. */
  private static String run(String... arguments) throws IOException, InterruptedException {
    ProcessBuilder python =
        new ProcessBuilder(
            Stream.concat(Stream.of("python3", "-B"), Stream.of(arguments)).toList());
    python.environment().put("PYTHONPATH", Path.of("..", "scripts").toAbsolutePath().toString());
    Process process;
    try {
      process = python.redirectErrorStream(true).start();
    } catch (IOException e) {
      return "python3 cannot be started: " + e.getMessage();
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private static String stem(String name) {
    return name.replace(".bin", "");
  }

  private static String labels(int firstFile, int lastFile) {
    return IntStream.rangeClosed(firstFile, lastFile)
        .flatMap(file -> IntStream.range(0, MadeCifar10.RECORDS).map(r -> (file + r) % 10))
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }
}
