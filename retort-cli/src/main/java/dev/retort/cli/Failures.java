package dev.retort.cli;

import dev.retort.data.DataException;
import dev.retort.engine.Engine;
import dev.retort.study.StudyRecordException;
import dev.retort.study.config.ConfigurationException;
import dev.retort.training.DivergedException;
import dev.retort.training.StoppedException;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one sentence on stderr and an exit code. */
final class Failures {
  private final Terminal terminal;

  Failures(Terminal terminal) {
    this.terminal = terminal;
  }

  /** For a command line that picocli could not read. */
  int usage(ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    StringBuilder sentence = new StringBuilder(lowerCase(message(failure)));
    if (failure instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      sentence.append(" (did you mean ").append(unmatched.getSuggestions().get(0)).append("?)");
    }
    report(sentence + "; see " + command.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  /** For what a command threw. */
  int execution(Throwable thrown, boolean debug) {
    Throwable failure = unwrap(thrown);
    report(sentence(described(thrown)));
    if (debug) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      terminal.println(trace.toString());
    }
    return exitCode(failure);
  }

  private static String lowerCase(String sentence) {
    return sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1);
  }

  private void report(String sentence) {
    terminal.status("");
    terminal.println("retort: " + sentence);
  }

  private static int exitCode(Throwable failure) {
    if (failure instanceof IllegalArgumentException
        || failure instanceof ConfigurationException
        || failure instanceof NoSuchFileException
        || failure instanceof AccessDeniedException
        || failure instanceof FileAlreadyExistsException) {
      return ExitCode.USAGE;
    }
    if (failure instanceof DataException
        || failure instanceof WeightsException
        || failure instanceof StudyRecordException) {
      return ExitCode.BAD_FILE;
    }
    if (failure instanceof DivergedException) {
      return ExitCode.DIVERGED;
    }
    if (failure instanceof StoppedException) {
      return ExitCode.INTERRUPTED;
    }
    return ExitCode.FAILURE;
  }

  private static String sentence(Throwable failure) {
    if (failure instanceof OutOfMemoryError && message(failure).contains("native thread")) {
      return "the system starts no more threads (%s); raise its limit of processes (ulimit -u, or the container's)"
          .formatted(message(failure));
    }
    if (failure instanceof OutOfMemoryError) {
      return "Java's memory is full (%s); give it more with RETORT_JAVA_OPTIONS=-Xmx4g"
          .formatted(message(failure));
    }
    if (failure instanceof FileSystemException file) {
      return fileSentence(file);
    }
    if (failure instanceof IOException || isOurs(failure)) {
      return message(failure);
    }
    return "unexpected %s: %s (please report it with the output of --debug and of retort doctor)"
        .formatted(failure.getClass().getSimpleName(), message(failure));
  }

  /** What our own code throws for the user to read; anything else is a fault of ours. */
  private static boolean isOurs(Throwable failure) {
    return failure instanceof IllegalArgumentException
        || failure.getClass().getName().startsWith("dev.retort.");
  }

  private static String fileSentence(FileSystemException failure) {
    String file = String.valueOf(failure.getFile());
    if (failure instanceof NoSuchFileException) {
      return "no such file or folder: " + file;
    }
    if (failure instanceof FileAlreadyExistsException) {
      return file + " exists already, and nothing is overwritten: choose another name";
    }
    if (failure instanceof AccessDeniedException) {
      return "no permission to read or write " + file;
    }
    return file + ": " + (failure.getReason() == null ? message(failure) : failure.getReason());
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    return Engine.withoutTrace(message);
  }

  /** What says most: our own sentence on an I/O error, which names the place, or the error. */
  private static Throwable described(Throwable thrown) {
    Throwable cause = thrown.getCause();
    if (thrown instanceof UncheckedIOException) {
      boolean own = !String.valueOf(cause).equals(thrown.getMessage());
      return own ? new IOException(thrown.getMessage(), cause) : unwrap(thrown);
    }
    boolean wrapper =
        thrown instanceof ExecutionException
            || thrown instanceof CompletionException
            || thrown instanceof CommandLine.ExecutionException;
    return wrapper && cause != null ? described(cause) : thrown;
  }

  private static Throwable unwrap(Throwable failure) {
    @Nullable Throwable cause = failure.getCause();
    boolean wrapper =
        failure instanceof UncheckedIOException
            || failure instanceof ExecutionException
            || failure instanceof CompletionException
            || failure instanceof CommandLine.ExecutionException;
    return wrapper && cause != null ? unwrap(cause) : failure;
  }
}
