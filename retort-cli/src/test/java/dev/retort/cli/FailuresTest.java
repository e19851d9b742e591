package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.retort.data.DataException;
import dev.retort.engine.EngineException;
import dev.retort.study.StudyRecordException;
import dev.retort.study.config.ConfigurationException;
import dev.retort.weights.WeightsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Failures failures = new Failures(CommandRun.terminal(err, false, 80));

  static Stream<Arguments> failures() {
    return Stream.of(
        arguments(
            new IllegalArgumentException("epochs must be at least 1, not 0"),
            2,
            "epochs must be at least 1, not 0"),
        arguments(new ConfigurationException("a.yaml:3: unknown key"), 2, "a.yaml:3: unknown key"),
        arguments(new NoSuchFileException("a.yaml"), 2, "no such file or folder: a.yaml"),
        arguments(new DataException("test_batch.bin is cut off"), 4, "test_batch.bin is cut off"),
        arguments(new WeightsException("w is damaged"), 4, "w is damaged"),
        arguments(new StudyRecordException("result.json is damaged"), 4, "result.json is damaged"),
        arguments(new EngineException("no cuda device here"), 1, "no cuda device here"),
        arguments(new AccessDeniedException("/root"), 2, "no permission to read or write /root"),
        arguments(
            new FileSystemException("/out/a", null, "No space left on device"),
            1,
            "/out/a: No space left on device"),
        arguments(
            new UncheckedIOException("/out/a cannot be written: full", new IOException("full")),
            1,
            "/out/a cannot be written: full"),
        arguments(new UncheckedIOException(new IOException("Broken pipe")), 1, "Broken pipe"),
        arguments(
            new OutOfMemoryError("unable to create native thread: possibly out of memory"),
            1,
            "the system starts no more threads (unable to create native thread: possibly out of"
                + " memory); raise its limit of processes (ulimit -u, or the container's)"),
        arguments(
            new OutOfMemoryError("Java heap space"),
            1,
            "Java's memory is full (Java heap space); give it more with"
                + " RETORT_JAVA_OPTIONS=-Xmx4g"),
        arguments(new ExecutionException(new DataException("label 255")), 4, "label 255"),
        arguments(
            new RuntimeException("size mismatch\nException raised from meta at X.cpp:3\nframe #0"),
            1,
            "unexpected RuntimeException: size mismatch (please report it with the output of"
                + " --debug and of retort doctor)"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whatWentWrongBecomesOneLineAndTheExitCodeOfItsKind(
      Throwable failure, int exitCode, String sentence) {
    assertThat(failures.execution(failure, false)).isEqualTo(exitCode);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("retort: " + sentence + "\n");
  }

  @Test
  void theStackTraceIsPrintedOnlyForDebugging() {
    failures.execution(new DataException("label 255"), true);

    assertThat(err.toString(StandardCharsets.UTF_8)).contains("at dev.retort.cli.FailuresTest");
  }
}
