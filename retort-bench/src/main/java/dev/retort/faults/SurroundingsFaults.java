package dev.retort.faults;

import dev.retort.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The command under a Turkish locale, in a folder with spaces and Cyrillic letters, with a home or
 * a JavaCPP cache that cannot be written, and always without a terminal: each time the same
 * numbers.
 */
final class SurroundingsFaults {
  private SurroundingsFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException, InterruptedException {
    Path configuration = CommandStudy.write(plan.work(), plan.work(), "[cross-entropy]");
    String usual = study(plan, tally, "as usual", configuration, List.of(), environment -> {});
    if (plan.isShort()) {
      all(plan, tally, usual);
      return;
    }
    same(plan, tally, "in Turkish", usual, configuration, turkish(), environment -> {});
    Path cyrillic = Files.createDirectory(plan.work().resolve("моё исследование 1"));
    Path there = CommandStudy.write(plan.work(), cyrillic, "[cross-entropy]");
    same(plan, tally, "in a Cyrillic folder", usual, there, List.of(), environment -> {});
    same(
        plan,
        tally,
        "without a home",
        usual,
        configuration,
        List.of("-Duser.home=" + unwritable(plan)),
        SurroundingsFaults::cacheAtHome);
    same(
        plan,
        tally,
        "without a cache for JavaCPP",
        usual,
        configuration,
        List.of("-Dorg.bytedeco.javacpp.cachedir=" + unwritable(plan)),
        environment -> {});
    same(
        plan,
        tally,
        "without a terminal or input",
        usual,
        configuration,
        List.of(),
        environment -> environment.redirectInput(Path.of("/dev/null").toFile()));
  }

  /** In short all at once. */
  private static void all(FaultPlan plan, Tally tally, String usual)
      throws IOException, InterruptedException {
    Path cyrillic = Files.createDirectory(plan.work().resolve("моё исследование 1"));
    Path there = CommandStudy.write(plan.work(), cyrillic, "[cross-entropy]");
    List<String> options = new ArrayList<>(turkish());
    options.add("-Duser.home=" + unwritable(plan));
    same(
        plan,
        tally,
        "in Turkish, in a Cyrillic folder, without a home",
        usual,
        there,
        options,
        SurroundingsFaults::cacheAtHome);
  }

  private static List<String> turkish() {
    return List.of("-Duser.language=tr", "-Duser.country=TR");
  }

  /** Below a file no folder can be made, not even by root. */
  private static Path unwritable(FaultPlan plan) throws IOException {
    return Files.createTempFile(plan.work(), "no-folder", "").resolve("folder");
  }

  /** Where the teacher's outputs are kept unless a study says otherwise, and JavaCPP's files. */
  private static void cacheAtHome(ProcessBuilder process) {
    process.command().addAll(List.of("-o", "cache.folder=null"));
    process.environment().remove("XDG_CACHE_HOME");
  }

  private static void same(
      FaultPlan plan,
      Tally tally,
      String how,
      String usual,
      Path configuration,
      List<String> options,
      Consumer<ProcessBuilder> change)
      throws IOException, InterruptedException {
    String outcome = study(plan, tally, how, configuration, options, change);
    tally.check(outcome.equals(usual), how + " the study ends otherwise");
  }

  private static String study(
      FaultPlan plan,
      Tally tally,
      String how,
      Path configuration,
      List<String> options,
      Consumer<ProcessBuilder> change)
      throws IOException, InterruptedException {
    Path out = configuration.resolveSibling("out " + how);
    Path log = plan.work().resolve("log");
    ProcessBuilder process =
        ChildProcess.builder(
            options, Main.class, "compare", configuration.toString(), "--out", out.toString());
    process.environment().put("LC_ALL", "C.UTF-8");
    change.accept(process);
    int exitCode = process.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    String said = Files.readString(log);
    tally.check(exitCode == 0, how + " the command ends with " + exitCode + ": " + said);
    tally.check(
        !said.contains("\u001b") && !said.contains("\r"), how + " it draws without a terminal");
    if (exitCode != 0) {
      return "";
    }
    String table = Files.readString(out.resolve("summary.md"));
    // A row of a method ends with its seconds.
    return SmallStudy.outcome(out) + table.replaceAll("(?m)[0-9]+ \\|$", "|");
  }
}
