package dev.retort.faults;

import dev.retort.cli.Main;
import dev.retort.system.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * kill -9 at random moments of {@code retort compare --jobs 2}, of a worker and of the process that
 * started them, and SIGTERM of the latter: what was killed is taken up once more, or leaves no
 * orphan and goes on with {@code --resume}; at the end all is as one process has it.
 */
final class JobsFaults {
  private static final int SECONDS = 60;

  /** So many that a run takes far longer than {@link #SECONDS}. */
  private static final int ENDLESS = 100_000;

  /** A kill may come before there are workers, or after the last. */
  private static final int ATTEMPTS = 50;

  private static final int INTERRUPTED = 75;

  /** What the command says where the killed worker had begun something. */
  private static final String TAKEN_UP = "another takes its place";

  private static final String WORKER = "a killed worker";
  private static final String TERMINATED = "a SIGTERM";
  private static final List<String> KINDS = List.of(WORKER, "a killed parent", TERMINATED);

  private static final String METHODS = "[cross-entropy, hinton, adversarial-hinton]";

  private JobsFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException, InterruptedException {
    Path configuration =
        CommandStudy.write(plan.work(), plan.work(), plan.isShort() ? "[hinton, ttm]" : METHODS);
    int count = plan.count("count", 20, 1);
    Random random = plan.random("jobs");
    Path alone = plan.work().resolve("alone");
    Process one = start(plan, configuration, alone, "1");
    tally.check(one.waitFor() == 0, "one process ended with " + log(plan));
    String outcome = SmallStudy.outcome(alone);
    Path shared = plan.work().resolve("shared");
    long begun = System.nanoTime();
    Process two = start(plan, configuration, shared, "2");
    tally.check(two.waitFor() == 0, "two workers ended with " + log(plan));
    long nanoseconds = System.nanoTime() - begun;
    tally.check(SmallStudy.outcome(shared).equals(outcome), "two workers ended otherwise");
    for (int i = 0; i < KINDS.size() * count; i++) {
      String whose = KINDS.get(i % KINDS.size());
      int attempts = 0;
      boolean killed = false;
      while (!killed && attempts++ < ATTEMPTS) {
        Path out = plan.folder("killed");
        Process parent = start(plan, configuration, out, "2");
        parent.waitFor((long) (random.nextDouble() * nanoseconds), TimeUnit.NANOSECONDS);
        List<ProcessHandle> workers = parent.children().toList();
        killed = !workers.isEmpty();
        if (whose.equals(WORKER) && killed) {
          workers.get(random.nextInt(workers.size())).destroyForcibly();
          int code = parent.waitFor();
          tally.check(code == 0, "with a killed worker it ended with " + log(plan));
          tally.check(
              code == 0 && SmallStudy.outcome(out).equals(outcome),
              "what was killed was not taken up, or otherwise: " + log(plan));
          killed = log(plan).contains(TAKEN_UP); // else it had nothing to do any more
        } else if (whose.equals(TERMINATED)) {
          parent.destroy();
          int code = parent.waitFor();
          tally.check(code == INTERRUPTED || code == 0, "a SIGTERM ended with " + log(plan));
          killed &= code == INTERRUPTED;
          endAll(tally, workers);
        } else {
          parent.destroyForcibly().waitFor();
          endAll(tally, workers);
        }
        end(plan, tally, configuration, out, outcome, whose);
      }
      tally.check(killed, "in " + attempts + " attempts there was no worker");
      tally.note((i + 1) + " kills: " + tally);
    }
    leaveNoOrphan(plan, tally);
  }

  private static void endAll(Tally tally, List<ProcessHandle> workers) {
    for (ProcessHandle worker : workers) {
      worker.onExit().completeOnTimeout(worker, SECONDS, TimeUnit.SECONDS).join();
      tally.check(!worker.isAlive(), "a worker outlived the process that started it");
      worker.destroyForcibly();
    }
  }

  /** Workers in the midst of runs that would go on for hours. */
  private static void leaveNoOrphan(FaultPlan plan, Tally tally)
      throws IOException, InterruptedException {
    Path configuration =
        CommandStudy.write(plan.work(), plan.work(), "[cross-entropy, hinton]", ENDLESS);
    Path out = plan.folder("endless");
    Process parent = start(plan, configuration, out, "2");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    boolean begun = false;
    while (!begun && parent.isAlive() && System.nanoTime() < deadline) {
      Thread.sleep(100);
      begun =
          Stream.of("cross-entropy", "hinton")
              .map(method -> out.resolve("runs/resnet8-%s-seed1/metrics.jsonl".formatted(method)))
              .allMatch(Files::exists);
    }
    List<ProcessHandle> workers = parent.children().toList();
    tally.check(begun && workers.size() == 2, "not both workers trained: " + log(plan));
    parent.destroyForcibly().waitFor();
    endAll(tally, workers);
    Folders.delete(out);
  }

  /** Goes on to the end, and compares. */
  private static void end(
      FaultPlan plan, Tally tally, Path configuration, Path out, String outcome, String after)
      throws IOException, InterruptedException {
    Process rest = start(plan, configuration, out, "2");
    tally.check(rest.waitFor() == 0, "after " + after + " it went on with " + log(plan));
    tally.check(SmallStudy.outcome(out).equals(outcome), "after " + after + " it ended otherwise");
    Folders.delete(out);
  }

  private static Process start(FaultPlan plan, Path configuration, Path out, String jobs)
      throws IOException {
    Process process =
        ChildProcess.builder(
                List.of(),
                Main.class,
                "compare",
                configuration.toString(),
                "--out",
                out.toString(),
                "--resume",
                "--jobs",
                jobs)
            .redirectError(plan.work().resolve("log").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process;
  }

  private static String log(FaultPlan plan) throws IOException {
    return Files.readString(plan.work().resolve("log"));
  }
}
