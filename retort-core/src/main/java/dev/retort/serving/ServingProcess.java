package dev.retort.serving;

import ai.onnxruntime.OrtEnvironment;
import dev.retort.data.ImageShape;
import dev.retort.system.TemporaryFolder;
import dev.retort.training.StopRequest;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Measures ONNX files where they would serve: in a virtual machine of its own, with ONNX Runtime
 * and {@link ServingTimer} on its class path, and not LibTorch.
 *
 * @param threads of one call
 * @param stop ends the process, and is then thrown by what waits for it
 */
public record ServingProcess(int threads, StopRequest stop) {
  private static final double NANOSECONDS = 1e9;

  /**
   * Java's heap holds little. Images are beside it, where by default they could take no more than
   * the heap, which a batch of large ones exceeds.
   */
  private static final List<String> MEMORY = List.of("-Xmx256m", "-XX:MaxDirectMemorySize=8g");

  /** Of the environment: options that Java takes beside those of its command line. */
  public static final Set<String> OPTIONS_OF_JAVA =
      Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** May have been set for this process: the first is where ONNX Runtime finds its library. */
  private static final List<String> PROPERTIES =
      List.of("onnxruntime.native.path", ServingTimer.ROUND_MILLISECONDS);

  /** How often a request to stop is looked for. */
  private static final long POLL_MILLISECONDS = 50;

  private static final Pattern UNCAUGHT = Pattern.compile("Exception in thread \"[^\"]*\" (.*)");

  /** Hears how far a measurement is. */
  public interface Progress {
    /** So many of so many steps are done. */
    void measured(int done, int total);
  }

  /** The version of ONNX Runtime. */
  public static String runtime() {
    return OrtEnvironment.getEnvironment().getVersion();
  }

  /**
   * Times files by turns in rounds: one image a call, then {@link Timing#BATCH}.
   *
   * @return in the order of the files
   * @throws IOException if the process fails
   * @throws dev.retort.training.StoppedException on request
   */
  public List<Timings> time(List<ServedFile> files, Progress progress) throws IOException {
    return time(files, Timing.BATCH, progress);
  }

  /** The same with one image a call alone. */
  public List<Timings> timeSingle(List<ServedFile> files, Progress progress) throws IOException {
    return time(files, 1, progress);
  }

  private List<Timings> time(List<ServedFile> files, int largest, Progress progress)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(ServingTimer.TIME, Integer.toString(threads), Integer.toString(largest)));
    files.forEach(
        file ->
            arguments.addAll(spelled(file, largest == 1 ? file.most() : Double.POSITIVE_INFINITY)));
    @Nullable Timing[] single = new Timing[files.size()];
    @Nullable Timing[] batch = new Timing[files.size()];
    run(
        arguments,
        line -> {
          String[] words = line.strip().split(" ");
          if (words[0].equals("progress")) {
            progress.measured(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
          } else if (words[0].equals("timing")) {
            (words[2].equals("1") ? single : batch)[Integer.parseInt(words[1])] =
                Timing.read(words);
          }
        });
    List<Timings> timings = new ArrayList<>();
    for (int i = 0; i < single.length; i++) {
      timings.add(new Timings(single[i], batch[i]));
    }
    return timings;
  }

  /**
   * The resident memory, in bytes, of a virtual machine that serves one file alone, by single
   * images or in the only batch that the file takes; null where the system does not say.
   *
   * @throws IOException if the process fails
   * @throws dev.retort.training.StoppedException on request
   */
  public @Nullable Long residentBytes(ServedFile file) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(ServingTimer.MEMORY, "" + threads));
    arguments.addAll(spelled(file, file.most()));
    long[] bytes = {-1};
    run(
        arguments,
        line -> {
          if (line.startsWith(ServingTimer.MEMORY)) {
            bytes[0] = Long.parseLong(line.substring(ServingTimer.MEMORY.length()).strip());
          }
        });
    return bytes[0] < 0 ? null : bytes[0];
  }

  private static List<String> spelled(ServedFile served, double most) {
    ImageShape image = served.image();
    return List.of(
        served.file().toString(),
        Integer.toString(image.channels()),
        Integer.toString(image.height()),
        Integer.toString(image.width()),
        served.channelsLast() ? ServingTimer.CHANNELS_LAST : ServingTimer.CHANNELS_FIRST,
        Long.toString((long) (most * NANOSECONDS)));
  }

  private void run(List<String> arguments, Consumer<String> lines) throws IOException {
    // ONNX Runtime unpacks its library there, and leaves it where its process is killed.
    try (TemporaryFolder own = new TemporaryFolder()) {
      run(arguments, lines, own.path());
    }
  }

  private void run(List<String> arguments, Consumer<String> lines, Path folder) throws IOException {
    Path errors = folder.resolve("errors.txt");
    Process process = null;
    try {
      process = builder(arguments, folder).redirectError(errors.toFile()).start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        while (!process.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS)) {
          stop.throwIfRequested();
          while (out.ready()) {
            lines.accept(out.readLine());
          }
        }
        out.lines().forEach(lines);
      }
      if (process.exitValue() != 0) {
        stop.throwIfRequested(); // an interrupt from the terminal ends the process too
        throw new IOException(
            "the process that serves models ended with %d: %s"
                .formatted(process.exitValue(), reason(lines(errors))));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the measurement was interrupted");
    } finally {
      if (process != null) {
        process.destroyForcibly().onExit().join();
      }
    }
  }

  /** What cannot be decoded is replaced: native libraries write in the locale's own charset. */
  private static List<String> lines(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }

  /** Why a virtual machine ended: what it did not catch, else its last words, past all warnings. */
  static String reason(List<String> errors) {
    return errors.stream()
        .map(UNCAUGHT::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .findFirst()
        .or(() -> errors.stream().filter(line -> !line.isBlank()).reduce((one, next) -> next))
        .orElse("no reason");
  }

  private static ProcessBuilder builder(List<String> arguments, Path temporary) {
    List<String> line = new ArrayList<>();
    line.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    line.addAll(MEMORY);
    line.addAll(
        List.of("-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "--enable-native-access=ALL-UNNAMED"));
    line.add("-Djava.io.tmpdir=" + temporary);
    for (String property : PROPERTIES) {
      if (System.getProperty(property) != null) {
        line.add("-D%s=%s".formatted(property, System.getProperty(property)));
      }
    }
    line.add("-cp");
    line.add(place(ServingTimer.class) + File.pathSeparator + place(OrtEnvironment.class));
    line.add(ServingTimer.class.getName());
    line.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(line);
    // The launcher's allocator is for trainings; a service has the system's.
    builder.environment().remove("GLIBC_TUNABLES");
    // What this process's Java was told may not suit that one: another collector, a port, an agent.
    builder.environment().keySet().removeAll(OPTIONS_OF_JAVA);
    return builder;
  }

  /** The jar, or the folder, that a class is from. */
  private static Path place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
      throw new IllegalStateException(
          type
              + " is in no jar or folder of its own, as it must be for a second virtual machine that measures: put Retort's jars on the class path, not into one archive",
          e);
    }
  }
}
