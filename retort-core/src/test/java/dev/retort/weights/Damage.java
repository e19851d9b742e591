package dev.retort.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** What a disk or a download may do to a file. */
final class Damage {
  private Damage() {}

  /**
   * Cuts a file short, or flips a bit in it, 400 times. A reader must refuse each by its name, or
   * read a file of the whole length.
   *
   * @param damaged where the damaged files are written
   */
  static void assertIsRefusedOrWhole(byte[] whole, Path damaged, Consumer<Path> reader)
      throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    for (int trial = 0; trial < 400; trial++) {
      byte[] bytes = whole.clone();
      if (trial % 4 == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      } else {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(damaged, bytes);
      try (TensorScope reading = TensorScope.open()) {
        reader.accept(damaged);
        assertThat(bytes).as("a truncated file is never read").hasSameSizeAs(whole);
      } catch (WeightsException e) {
        assertThat(e).hasMessageContaining(damaged.getFileName().toString());
      }
    }
  }
}
