package dev.retort.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Python that has PyTorch.
 *
 * @param executable its file
 */
record PythonInterpreter(Path executable) {
  private static final long PATIENCE_SECONDS = 120;
  private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));

  /**
   * The one that the user names, or else the first {@code python3} on the path that imports torch.
   *
   * @param named null where the user names none
   * @param path folders, separated as the system separates them
   * @throws IllegalArgumentException if there is none
   */
  static PythonInterpreter find(@Nullable Path named, String path) {
    if (named != null) {
      if (!importsTorch(named)) {
        throw new IllegalArgumentException(named + " does not run, or does not import torch");
      }
      return new PythonInterpreter(named);
    }
    for (String folder : SEPARATOR.splitAsStream(path).toList()) {
      Path candidate = Path.of(folder, "python3");
      if (Files.isExecutable(candidate) && importsTorch(candidate)) {
        return new PythonInterpreter(candidate);
      }
    }
    throw new IllegalArgumentException(
        "no python3 on the PATH imports torch: install PyTorch (Debian's package is"
            + " python3-torch), or name an interpreter that has it with --python FILE");
  }

  private static boolean importsTorch(Path python) {
    try {
      Process process =
          new ProcessBuilder(List.of(python.toString(), "-c", "import torch"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
      return false;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
