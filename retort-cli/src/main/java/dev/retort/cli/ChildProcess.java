package dev.retort.cli;

import dev.retort.serving.ServingProcess;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Another process of this command, with this one's virtual machine and options of its own. */
final class ChildProcess {
  /** Java's exit code of a child that signal n ended is this and n. */
  static final int SIGNALLED = 128;

  /** A port that this process listens at. */
  private static final List<String> OF_ONE_PROCESS =
      List.of("-agentlib:jdwp", "-Xrunjdwp", "-Dcom.sun.management.jmxremote.port");

  private ChildProcess() {}

  /**
   * A process that was not started yet.
   *
   * @param properties of the virtual machine, beside this one's: {@code -Dname=value}
   * @param command with its arguments
   */
  static ProcessBuilder builder(Main main, List<String> properties, List<String> command) {
    List<String> line = new ArrayList<>();
    line.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> OF_ONE_PROCESS.stream().noneMatch(option::startsWith))
        .forEach(line::add);
    line.addAll(properties);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(command);
    line.addAll(main.inherited());
    ProcessBuilder builder = new ProcessBuilder(line);
    // Its arguments have them already: an agent would be there twice.
    builder.environment().keySet().removeAll(ServingProcess.OPTIONS_OF_JAVA);
    return builder;
  }
}
