package dev.retort.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.engine.TensorScope;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files are NumPy's own ({@code golden_recorded.py}). */
class NumPyFileTest {
  private static final Path FILES = Path.of("src/test/resources/dev/retort/teacher/recorded");

  @TempDir Path folder;

  private static void assertRefused(Path file, String why) {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(
              () -> {
                if (file.toString().endsWith(".npz")) {
                  NumPyFile.arrays(file);
                } else {
                  NumPyFile.array(file);
                }
              })
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith(file.toString())
          .hasMessageContaining(why);
    }
  }

  @Test
  void filesOfAnythingElseAreRefused() throws IOException {
    assertRefused(FILES.resolve("objects.npy"), "Python objects, which are pickled");
    assertRefused(FILES.resolve("big.npy"), "of type '>f4'; write little-endian");
    assertRefused(FILES.resolve("structure.npy"), "a structured array is not");
    assertRefused(folder.resolve("gone.npz"), "no such file");
    assertRefused(cut("logits.npy", 219), "its header promises 96 bytes, and there are 91");
    assertRefused(cut("logits.npy", 0), "it does not begin like one");
    assertRefused(cut("half.npz", 1137), "truncated or damaged, or not written by NumPy's savez");
    assertRefused(cut("half.npz", 0), "truncated or damaged, or not written by NumPy's savez");
  }

  /** The first bytes of a file: all but the last five, or none. */
  private Path cut(String name, int bytes) throws IOException {
    byte[] whole = Files.readAllBytes(FILES.resolve(name));
    return Files.write(folder.resolve(name), Arrays.copyOf(whole, bytes));
  }

  /** A file with a header of its own and so many bytes of data. */
  private static byte[] npy(String header, int data) {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] file = new byte[10 + text.length + data];
    byte[] magic = {
      (byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, (byte) (text.length >> 8)
    };
    System.arraycopy(magic, 0, file, 0, magic.length);
    System.arraycopy(text, 0, file, magic.length, text.length);
    return file;
  }

  private static String header(String shape) {
    return "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }\n";
  }

  @Test
  void aHeaderIsWrittenAsNumPyWritesIt() throws IOException {
    byte[] numPys = Files.readAllBytes(FILES.resolve("logits.npy"));
    assertThat(NumPyFile.header(TensorType.F32, 8, 3)).isEqualTo(Arrays.copyOf(numPys, 128));
    assertThat(new String(NumPyFile.header(TensorType.U8, 5), StandardCharsets.ISO_8859_1))
        .hasSize(128)
        .contains("{'descr': '|u1', 'fortran_order': False, 'shape': (5,), } ")
        .endsWith(" \n");
  }

  @Test
  void headersThatPromiseMoreThanThereIsTakeNoMemory() throws IOException {
    Path file = folder.resolve("logits.npy");
    Files.write(file, npy(header("1000000000, 1000"), 8));
    assertRefused(file, "truncated: its header promises 4000000000000 bytes, and there are 8");
    Files.write(file, npy(header("99999999999999999, 99999999999999999"), 8));
    assertRefused(file, "impossible shape");
    Files.write(file, npy(header("0, 99999999999999999, 99999999999999999"), 0));
    assertRefused(file, "impossible shape");
    Files.write(file, npy(header("-1, 3"), 8));
    assertRefused(file, "no usable 'shape'");
    Files.write(file, npy(header("1,".repeat(4900)), 4));
    assertRefused(file, "it has 4900 dimensions");
    Files.write(file, npy(header("1234567890123456789, 1"), 8));
    assertRefused(file, "no usable 'shape'");
    Files.write(file, npy(header("1, 1"), 8));
    assertRefused(file, "longer than it says");
    byte[] longHeader = npy(header("1, 1"), 8);
    longHeader[9] = 0x7f;
    Files.write(file, longHeader);
    assertRefused(file, "its header would have");
  }

  @Test
  void archivesThatSwellAreRefused() throws IOException {
    Path file = folder.resolve("bomb.npz");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("logits.npy"));
      zip.write(npy(header("5000000, 3"), 60_000_000));
      zip.closeEntry();
    }
    assertRefused(file, "refused: the arrays would swell");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("run.py"));
      zip.closeEntry();
    }
    assertRefused(file, "'run.py' is none");
  }
}
