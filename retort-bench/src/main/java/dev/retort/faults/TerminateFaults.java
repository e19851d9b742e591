package dev.retort.faults;

import dev.retort.cli.Main;
import dev.retort.engine.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM at random moments of {@code retort compare}, from its first word on: it ends within 30 s
 * with exit code 75, and goes on bit for bit.
 */
final class TerminateFaults {
  private static final int INTERRUPTED = 75;
  private static final int SECONDS = 30;

  /** A process that ends by itself just after the signal was sent. */
  private static final double ENDING_SECONDS = 10;

  private static final String METHODS = "[cross-entropy, adversarial-hinton]";

  private TerminateFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException, InterruptedException {
    Path configuration =
        CommandStudy.write(plan.work(), plan.work(), plan.isShort() ? "[cross-entropy]" : METHODS);
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
      Life last = new Life(INTERRUPTED, 0, 0, false, "");
      while (last.exitCode() == INTERRUPTED) {
        boolean more = signals < count;
        last =
            live(
                plan,
                configuration,
                out,
                more ? (long) (random.nextDouble() * nanoseconds) : Long.MAX_VALUE);
        if (last.exitCode() == 0) {
          tally.check(
              !last.signalled() || last.seconds() < ENDING_SECONDS,
              "a SIGTERM was not heard: " + last);
        } else {
          signals++;
          ofThisStudy++;
          tally.check(
              last.exitCode() == INTERRUPTED && last.seconds() < SECONDS,
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
   * @param seconds since the signal
   * @param signalled whether there was one
   */
  private record Life(
      int exitCode, long nanoseconds, double seconds, boolean signalled, String log) {}

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
            "--resume");
    while (process.isAlive() && Files.size(log) == 0) {
      Thread.sleep(1);
    }
    long begun = System.nanoTime();
    process.waitFor(signal, TimeUnit.NANOSECONDS);
    long sent = System.nanoTime();
    boolean signalled = process.isAlive();
    if (signalled) {
      process.destroy();
      process.waitFor(2 * SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly().waitFor();
    }
    double seconds = (System.nanoTime() - sent) / 1e9;
    return new Life(process.exitValue(), sent - begun, seconds, signalled, Files.readString(log));
  }
}
