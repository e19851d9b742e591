package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first run on a machine, when nothing is unpacked yet, used to abort in native code where the
 * distribution's own LibTorch is installed. It needs a process of its own.
 */
class FirstRunTest {
  /** What the process does. */
  static final class Child {
    public static void main(String[] arguments) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor tensor = Tensors.of(new double[] {1, 2, 3, 4}, 2, 2);
        System.out.println("trace " + Tensors.toDouble(tensor.mm(tensor).trace()));
      }
    }
  }

  @Test
  void theEngineStartsFromAnEmptyCacheWhereTheDistributionHasItsOwnLibtorch(@TempDir Path folder)
      throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dorg.bytedeco.javacpp.cachedir=" + Files.createDirectory(folder.resolve("cache")),
                "-XX:ErrorFile=" + folder.resolve("hs_err"),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();

    boolean ended = process.waitFor(3, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    delete(folder.resolve("cache"));

    assertThat(ended).as("ended within three minutes").isTrue();
    // [1 2; 3 4]² = [7 10; 15 22]
    assertThat(Files.readString(output)).contains("trace 29.0");
    assertThat(process.exitValue()).isZero();
    assumeThat(distributionHasLibtorch())
        .as("a libtorch_cpu.so of the distribution (Debian: libtorch2.6)")
        .isTrue();
  }

  /** JavaCPP's cache has symbolic links to outside, of which JUnit's own deletion warns. */
  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static boolean distributionHasLibtorch() throws IOException {
    for (String folder :
        List.of(
            "/usr/lib",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/local/lib")) {
      if (Files.isDirectory(Path.of(folder))) {
        try (Stream<Path> files = Files.list(Path.of(folder))) {
          if (files.anyMatch(file -> file.getFileName().toString().startsWith("libtorch_cpu.so"))) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
