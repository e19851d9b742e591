package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jvm.sh, which both launchers read, makes of an environment. */
class LauncherOptionsTest {
  @TempDir Path folder;

  /** What a shell prints after it has read the file. */
  private static List<String> printed(Map<String, String> environment, String expression)
      throws IOException {
    String script =
        "set -eu; fail() { printf '%s\\n' \"$1\"; exit 1; }; . src/main/launcher/jvm.sh; "
            + expression;
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", script);
    shell.environment().keySet().removeIf(name -> name.contains("JAVA_OPTIONS"));
    shell.environment().putAll(environment);
    Process process = shell.redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  private static List<String> options(String javas) throws IOException {
    return printed(Map.of("JAVA_TOOL_OPTIONS", javas), "printf '%s\\n' $jvm");
  }

  /** Java refuses two. */
  @Test
  void aCollectorIsChosenUnlessTheEnvironmentChoosesOne() throws IOException {
    String serial = "-XX:+UseSerialGC";
    assertThat(options("-Dx=*")).contains(serial, "-Xshare:auto");
    assertThat(options("-XX:+UseStringDeduplication -XX:MaxGCPauseMillis=9")).contains(serial);
    assertThat(options("-XX:+UseGCOverheadLimit")).contains(serial);
    assertThat(options("-Dx=y -XX:+UseG1GC")).doesNotContain(serial).contains("-Xshare:auto");
  }

  @Test
  void foldersOfAnotherLibTorchAndBindingsOfThreadsAreLeftOut() throws IOException {
    Path other = Files.createDirectory(folder.resolve("torch lib"));
    Files.createFile(other.resolve("libtorch_cpu.so"));
    assertThat(
            printed(
                Map.of("LD_LIBRARY_PATH", "/usr/lib:" + other + ":/opt/*", "OMP_PLACES", "cores"),
                "printf '%s\\n' \"$LD_LIBRARY_PATH\" \"${OMP_PLACES-none}\""))
        .containsExactly("/usr/lib:/opt/*", "none");
  }

  @Test
  void aPathThatJavaWouldDivideIsRefused() throws IOException {
    assertThat(printed(Map.of("root", "/a:b"), "echo unreached"))
        .containsExactly("Java cannot use a path with a colon: /a:b");
  }
}
