package dev.retort.faults;

import dev.retort.system.Folders;
import dev.retort.training.CheckpointFolder;
import dev.retort.training.StopRequest;
import dev.retort.training.TrainingListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * kill -9 at random moments of the training of every method: while it begins or takes up what the
 * last one saved, steps, saves and evaluates. Each time the next process goes on from the latest
 * checkpoint; at the end all must be as if nothing had been.
 */
final class KillFaults {
  private static final int KILLS_OF_A_METHOD = 5;

  /** About as long as a process takes to its first step. */
  private static final int BEGINNING_MILLISECONDS = 2000;

  private KillFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException, InterruptedException {
    Map<String, String> methods = plan.methods("adversarial-hinton");
    int kills = plan.count("kills", KILLS_OF_A_METHOD, 3);
    int total = plan.count("count", 200, kills);
    int left = Math.max(0, total - kills * methods.size());
    int remaining = methods.size();
    for (Map.Entry<String, String> method : methods.entrySet()) {
      int more = (left + remaining - 1) / remaining--;
      left -= more;
      method(plan, tally, method.getKey(), method.getValue(), kills + more);
      tally.note(method.getKey() + ": " + tally);
    }
  }

  private static void method(FaultPlan plan, Tally tally, String name, String yaml, int kills)
      throws IOException, InterruptedException {
    SmallStudy study = new SmallStudy(yaml, 1, "fp32", true, plan.isShort() ? 2 : 4);
    int steps = study.epochs() * SmallStudy.STEPS_PER_EPOCH;
    Path reference = plan.folder("whole");
    study.run(plan.work(), reference);
    String whole = SmallStudy.outcome(reference);
    Folders.delete(plan.work().resolve(SmallStudy.CACHE)); // the killed ones fill it themselves
    Random random = plan.random(name);
    Path out = plan.folder("killed");
    int killed = 0;
    while (killed < kills) {
      boolean early = random.nextInt(3) == 0;
      // Later ones: the rest of the training in as many parts as there are kills left.
      int part = Math.max(1, steps * (killed + 1) / kills);
      int target = early ? 0 : 1 + random.nextInt(part);
      int milliseconds = random.nextInt(early ? BEGINNING_MILLISECONDS : 20);
      if (killedOnce(plan, tally, study, out, target, milliseconds)) {
        killed++;
      } else { // it was done first
        tally.check(SmallStudy.outcome(out).equals(whole), name + ": it ended otherwise");
        out = plan.folder("killed");
      }
    }
    study.run(plan.work(), out);
    tally.check(
        SmallStudy.outcome(out).equals(whole),
        name + ": after " + kills + " kills it ended otherwise");
  }

  /** Whether the process was still alive; what it had found in the folder must not bother it. */
  private static boolean killedOnce(
      FaultPlan plan, Tally tally, SmallStudy study, Path out, int target, int milliseconds)
      throws IOException, InterruptedException {
    Path log = plan.work().resolve("log");
    Process process =
        ChildProcess.start(
            log,
            KilledStudy.class,
            plan.work().toString(),
            out.toString(),
            study.method(),
            Integer.toString(study.epochs()),
            Long.toString(saved(out)));
    try (BufferedReader steps = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = steps.readLine(); line != null; line = steps.readLine()) {
        if (Integer.parseInt(line) >= target) {
          Thread.sleep(milliseconds);
          break;
        }
      }
      boolean alive = process.isAlive();
      process.destroyForcibly().waitFor();
      String said = Files.readString(log);
      boolean killed = alive && process.exitValue() != 0;
      if (killed || !said.isBlank()) {
        tally.check(said.isBlank(), study.method() + ": it complained: " + said.strip());
      }
      return killed;
    } finally {
      process.destroyForcibly();
    }
  }

  /** How many steps the latest checkpoint has behind it. */
  private static long saved(Path out) throws IOException {
    Path runs = out.resolve("runs");
    if (Files.notExists(runs)) {
      return 0;
    }
    try (Stream<Path> folders = Files.list(runs)) {
      return folders
          .map(run -> new CheckpointFolder(run.resolve("checkpoints")).latestStep())
          .findFirst()
          .orElse(0L);
    }
  }

  /** The process that is killed: says each step on stdout. */
  static final class KilledStudy {
    private KilledStudy() {}

    /**
     * The folder of the teacher, the study's folder, its method, its epochs, and after how many
     * steps it has to go on.
     */
    public static void main(String[] arguments) throws IOException {
      System.out.println(0);
      SmallStudy study =
          new SmallStudy(arguments[2], 1, "fp32", true, Integer.parseInt(arguments[3]));
      long saved = Long.parseLong(arguments[4]);
      study.run(
          Path.of(arguments[0]),
          Path.of(arguments[1]),
          new StopRequest(),
          new TrainingListener() {
            @Override
            public void begins(int epochs, int stepsPerEpoch, int batchSize, long stepsDone) {
              if (stepsDone != saved) {
                System.err.printf(
                    "it began after %d steps, where %d were saved%n", stepsDone, saved);
              }
            }

            @Override
            public void afterStep(long step, int epoch) {
              System.out.println(step + 1);
            }
          });
    }
  }
}
