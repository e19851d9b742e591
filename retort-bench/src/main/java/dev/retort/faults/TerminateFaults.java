package dev.retort.faults;

import dev.retort.cli.Main;
import dev.retort.system.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * SIGTERM at random moments of {@code retort compare}, from its first word on: it ends with exit
 * code 75 after a few steps at most, and goes on bit for bit.
 */
final class TerminateFaults {
  private static final int INTERRUPTED = 75;
  private static final int EPOCHS = 4;

  /** The step under way, and those that are done until the process gets its turn to hear. */
  private static final int STEPS_TO_HEAR = 10;

  /** After which a process that has not ended is killed, which is a failure. */
  private static final int PATIENCE_SECONDS = 60;

  private static final String METHODS = "[cross-entropy, adversarial-hinton]";

  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d+)-epoch-\\d+\\.json");

  private TerminateFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException, InterruptedException {
    Path configuration =
        CommandStudy.write(
            plan.work(), plan.work(), plan.isShort() ? "[cross-entropy]" : METHODS, EPOCHS);
    int count = plan.count("count", 100, 2);
    Random random = plan.random("terminate");
    Path reference = plan.work().resolve("whole");
    Life first = live(plan, configuration, reference, Long.MAX_VALUE);
    tally.check(first.exitCode() == 0, "undisturbed it ended with " + first);
    String outcome = SmallStudy.outcome(reference);
    // What is disturbed finds the teacher's outputs, so it is over sooner than the first one.
    long nanoseconds = first.nanoseconds() / 2;
    if (!plan.isShort()) {
      Path again = plan.work().resolve("again");
      nanoseconds = live(plan, configuration, again, Long.MAX_VALUE).nanoseconds();
      tally.check(SmallStudy.outcome(again).equals(outcome), "a second time it ended otherwise");
    }
    int signals = 0;
    int studies = 10 * count;
    for (int study = 0; signals < count && study < studies; study++) {
      Path out = plan.work().resolve("terminated-" + study);
      int ofThisStudy = 0;
      Life last = new Life(INTERRUPTED, 0, 0, "");
      while (last.exitCode() == INTERRUPTED) {
        boolean more = signals < count;
        last =
            live(
                plan,
                configuration,
                out,
                more ? (long) (random.nextDouble() * nanoseconds) : Long.MAX_VALUE);
        if (last.exitCode() == 0) {
          // It ended by itself just after the signal, or before one.
          tally.check(last.stepsAfter() <= STEPS_TO_HEAR, "a SIGTERM was not heard: " + last);
        } else {
          signals++;
          ofThisStudy++;
          tally.check(
              last.exitCode() == INTERRUPTED && last.stepsAfter() <= STEPS_TO_HEAR,
              "a SIGTERM ended with " + last);
        }
      }
      boolean same = last.exitCode() == 0 && SmallStudy.outcome(out).equals(outcome);
      tally.check(same, "after " + ofThisStudy + " SIGTERMs the study ended otherwise");
      Folders.delete(out);
      tally.note(signals + " signals: " + tally);
    }
    tally.check(signals >= count, "of " + count + " signals " + signals + " were heard");
  }

  /**
   * How a process ended.
   *
   * @param nanoseconds from its first word to the signal
   * @param stepsAfter how many steps were done after it
   */
  private record Life(int exitCode, long nanoseconds, int stepsAfter, String log) {}

  /** Runs the command, and signals some nanoseconds after its first word. */
  private static Life live(FaultPlan plan, Path configuration, Path out, long signal)
      throws IOException, InterruptedException {
    Path log = plan.work().resolve("log");
    Process process =
        ChildProcess.start(
            log,
            Main.class,
            "compare",
            configuration.toString(),
            "--out",
            out.toString(),
            "--resume",
            "-o",
            "checkpoints.steps=1"); // which tell the steps
    while (process.isAlive() && Files.size(log) == 0) {
      Thread.sleep(1);
    }
    long begun = System.nanoTime();
    process.waitFor(signal, TimeUnit.NANOSECONDS);
    long sent = System.nanoTime();
    int stepsAfter = 0;
    if (process.isAlive()) {
      process.destroy();
      int steps = steps(out);
      process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly().waitFor();
      stepsAfter = steps(out) - steps;
    }
    return new Life(process.exitValue(), sent - begun, stepsAfter, Files.readString(log));
  }

  /** How many steps of all runs are on the disk. */
  private static int steps(Path out) {
    int steps = 0;
    for (String run : names(out.resolve("runs"))) {
      Path folder = out.resolve("runs").resolve(run);
      steps +=
          Files.exists(folder.resolve("result.json"))
              ? EPOCHS * SmallStudy.STEPS_PER_EPOCH
              : names(folder.resolve("checkpoints")).stream()
                  .map(CHECKPOINT::matcher)
                  .filter(Matcher::matches)
                  .mapToInt(name -> Integer.parseInt(name.group(1)))
                  .max()
                  .orElse(0);
    }
    return steps;
  }

  /** What is in a folder, which need not exist. */
  private static List<String> names(Path folder) {
    String @Nullable [] names = folder.toFile().list();
    return names == null ? List.of() : List.of(names);
  }
}
