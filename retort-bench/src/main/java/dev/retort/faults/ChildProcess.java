package dev.retort.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts virtual machines like this one. */
final class ChildProcess {
  private ChildProcess() {}

  /**
   * A process that has this one's class path; its standard output is to be read.
   *
   * @param log of its standard error
   */
  static Process start(Path log, Class<?> main, String... arguments) throws IOException {
    return builder(List.of(), main, arguments).redirectError(log.toFile()).start();
  }

  /** The same, not started yet, with more options for the virtual machine. */
  static ProcessBuilder builder(List<String> options, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Djava.awt.headless=true",
            "--enable-native-access=ALL-UNNAMED", // else Java 24 and newer complain, as below
            "-Dorg.bytedeco.javacpp.maxbytes=0",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "-cp",
            System.getProperty("java.class.path")));
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow"); // by which JavaCPP reads tensors
    }
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder;
  }
}
