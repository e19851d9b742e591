package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecodedMemoryTest {
  @TempDir Path folder;

  @Test
  void picturesAreReadBackByteForByteFromManyThreads() {
    DecodedMemory memory = new DecodedMemory(100_000_000, folder);
    byte[][] pictures =
        IntStream.range(0, 40)
            .mapToObj(i -> random(i, i % 8 == 0 ? 2_500_000 + i : 1 + i * 997))
            .toArray(byte[][]::new);

    long[] positions =
        IntStream.range(0, pictures.length)
            .parallel()
            .mapToLong(i -> memory.keep(pictures[i]))
            .toArray();

    assertThat(positions).doesNotContain(DecodedMemory.NOT_KEPT);
    assertThat(
            IntStream.range(0, pictures.length)
                .parallel()
                .allMatch(
                    i -> {
                      byte[] into = new byte[pictures[i].length + 10];
                      return memory.read(positions[i], into, pictures[i].length)
                          && Arrays.equals(Arrays.copyOf(into, pictures[i].length), pictures[i]);
                    }))
        .isTrue();
  }

  @Test
  void anInterruptLosesNoPicture() {
    DecodedMemory memory = new DecodedMemory(1000, folder);
    byte[] picture = random(1, 100);
    byte[] into = new byte[100];

    Thread.currentThread().interrupt();
    long position = memory.keep(picture);
    boolean read = memory.read(position, into, 100);

    assertThat(Thread.interrupted()).as("the thread is still interrupted").isTrue();
    assertThat(read).isTrue();
    assertThat(into).isEqualTo(picture);
  }

  @Test
  void afterTheFirstPictureThatDoesNotFitNoneIsKept() {
    DecodedMemory memory = new DecodedMemory(1000, folder);

    assertThat(memory.keep(new byte[600])).isZero();
    assertThat(memory.refusal()).isNull();
    assertThat(memory.keep(new byte[401])).isEqualTo(DecodedMemory.NOT_KEPT);
    assertThat(memory.refusal())
        .isEqualTo("the 1.0 kB that data.memoryGigabytes allows are used up");
    assertThat(memory.keep(new byte[1])).isEqualTo(DecodedMemory.NOT_KEPT);
  }

  @Test
  void whereNoFileCanBeMadeNothingIsKeptAndTheReasonIsKnown() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    DecodedMemory memory = new DecodedMemory(1000, file.resolve("decoded"));

    assertThat(memory.keep(new byte[10])).isEqualTo(DecodedMemory.NOT_KEPT);

    assertThat(memory.refusal())
        .startsWith("the temporary file in " + file.resolve("decoded") + " cannot be written")
        .endsWith("XDG_CACHE_HOME=DIR names another place");
  }

  private static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }
}
