package dev.retort.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void aFileIsReplacedWhole() throws IOException {
    Path file = folder.resolve("result.json");
    AtomicFile.write(file, "a long first content".getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(file, "second".getBytes(StandardCharsets.UTF_8));
    assertThat(file).hasContent("second");
    assertThat(folder).isDirectoryContaining(file::equals);
    assertThat(folder.toFile().list()).containsExactly("result.json");
  }

  @Test
  void ofManyWhoMakeAFileThatIsAbsentOneDoes() throws IOException {
    Path file = folder.resolve("inputs.json");
    List<Integer> made =
        IntStream.range(0, 32).parallel().filter(number -> makes(file, number)).boxed().toList();
    assertThat(made).hasSize(1);
    assertThat(file).hasContent("number " + made.get(0));
    assertThat(folder.toFile().list()).containsExactly("inputs.json");
  }

  private static boolean makes(Path file, int number) {
    try {
      return AtomicFile.writeIfAbsent(file, ("number " + number).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aWriteThatFailsLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("result.json");
    AtomicFile.write(file, "first".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("the disk is full");
                    }))
        .hasMessage(file + ": the disk is full");
    assertThat(file).hasContent("first");
    assertThat(folder.toFile().list()).containsExactly("result.json");
  }

  @Test
  void aFolderThatIsMissingIsSaid() {
    Path file = folder.resolve("missing").resolve("result.json");
    assertThatThrownBy(() -> AtomicFile.write(file, new byte[1]))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(file.toString());
    assertThat(Files.exists(file)).isFalse();
  }

  /** The class as another process of the same number has it: with static fields of its own. */
  private static Class<?> ofAnotherProcess() throws Exception {
    URL[] own = {AtomicFile.class.getProtectionDomain().getCodeSource().getLocation()};
    return new URLClassLoader(own, ClassLoader.getPlatformClassLoader())
        .loadClass(AtomicFile.class.getName());
  }

  @Test
  void processesOfTheSameNumberDoNotTouchEachOthersTemporaryFiles() throws Exception {
    Path file = folder.resolve("summary.json");
    Class<?> first = ofAnotherProcess();
    Method second = ofAnotherProcess().getMethod("write", Path.class, byte[].class);
    Class<?> content = first.getClassLoader().loadClass(AtomicFile.Content.class.getName());
    Object whileTheOtherWrites =
        Proxy.newProxyInstance(
            first.getClassLoader(),
            new Class<?>[] {content},
            (proxy, method, arguments) -> {
              second.invoke(null, file, "second".getBytes(StandardCharsets.UTF_8));
              assertThat(file).hasContent("second");
              ((OutputStream) arguments[0]).write("first".getBytes(StandardCharsets.UTF_8));
              return null;
            });

    first.getMethod("write", Path.class, content).invoke(null, file, whileTheOtherWrites);

    assertThat(file).hasContent("first");
    assertThat(folder.toFile().list()).containsExactly("summary.json");
  }
}
