package dev.retort.cli;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Another process of this command, with this one's virtual machine and options of its own. */
final class ChildProcess {
  /** Java's exit code of a child that signal n ended is this and n. */
  static final int SIGNALLED = 128;

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
    line.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    line.addAll(properties);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(command);
    line.addAll(main.inherited());
    return new ProcessBuilder(line);
  }
}
