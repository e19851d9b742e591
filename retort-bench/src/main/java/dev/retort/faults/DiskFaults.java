package dev.retort.faults;

import dev.retort.bench.AfterStep;
import dev.retort.study.config.ConfigurationException;
import dev.retort.system.Folders;
import dev.retort.training.CheckpointFolder;
import dev.retort.training.StopRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A disk that is full, at many points of a training, and folders that cannot be written. On a small
 * tmpfs in a namespace of its own, which needs Linux and {@code unshare}.
 */
final class DiskFaults {
  private static final int EPOCHS = 2;
  private static final int STEPS = EPOCHS * SmallStudy.STEPS_PER_EPOCH;

  /** Less than a student, its optimiser and an average take. */
  private static final int CHECKPOINT_BYTES = 900_000;

  private DiskFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException, InterruptedException {
    Path disk = Files.createDirectories(plan.work().resolve("disk"));
    Path log = plan.work().resolve("log");
    int points = plan.count("count", 50, 3);
    ProcessBuilder inside =
        ChildProcess.builder(
            List.of(),
            OnSmallDisk.class,
            disk.toString(),
            plan.work().toString(),
            Integer.toString(points));
    inside
        .command()
        .addAll(
            0,
            List.of(
                "unshare",
                "-Urm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=16m tmpfs \"$1\" || exit 99; shift; exec \"$@\"",
                "sh",
                disk.toString()));
    int exitCode;
    try {
      exitCode = inside.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    } catch (IOException e) {
      tally.skip("there is no unshare here: " + e.getMessage());
      return;
    }
    if (exitCode == 99 || Files.readString(log).startsWith("unshare:")) {
      tally.skip("no disk may be mounted here: " + Files.readString(log).strip());
      return;
    }
    List<String> lines = Files.readAllLines(log);
    lines.stream().filter(line -> !line.equals(OnSmallDisk.PASSED)).forEach(tally::note);
    long passed = lines.stream().filter(OnSmallDisk.PASSED::equals).count();
    long failed = lines.stream().filter(line -> line.startsWith("FAILED")).count();
    for (int i = 0; i < passed; i++) {
      tally.pass();
    }
    for (int i = 0; i < failed; i++) {
      tally.fail("on the small disk, see above");
    }
    tally.check(
        lines.stream()
            .anyMatch(line -> line.contains("cannot be used") && line.contains("Read-only")),
        "of a cache that cannot be written nothing is said");
    tally.check(exitCode == 0, "the process on the small disk ended with " + exitCode);
  }

  /** Runs where the small disk is mounted. */
  static final class OnSmallDisk {
    static final String PASSED = "passed";

    private OnSmallDisk() {}

    /** The disk, the folder for all else, the number of points. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
      Path disk = Path.of(arguments[0]);
      Path work = Path.of(arguments[1]);
      SmallStudy study = new SmallStudy("adversarial-hinton", 1, "fp32", true, EPOCHS);
      study.run(work, work.resolve("whole"));
      Folders.delete(work.resolve(SmallStudy.CACHE));
      Files.createDirectory(disk.resolve(SmallStudy.CACHE));
      Files.createSymbolicLink(work.resolve(SmallStudy.CACHE), disk.resolve(SmallStudy.CACHE));
      String whole = SmallStudy.outcome(work.resolve("whole"));
      Random random = new Random(1);
      int points = Integer.parseInt(arguments[2]);
      int met = 0;
      for (int i = 0; i < 20 * points && met < points; i++) {
        met += full(study, work, disk, random, whole) ? 1 : 0;
      }
      say(met == points, "of %d points %d met the disk's end".formatted(points, met));
      readOnly(study, work, disk);
      System.exit(0); // LibTorch's threads must not keep it
    }

    /** Whether the disk's end was met before the training's. */
    private static boolean full(SmallStudy study, Path work, Path disk, Random random, String whole)
        throws IOException {
      Path out = disk.resolve("study");
      Path ballast = disk.resolve("ballast");
      int from = random.nextInt(STEPS);
      int free = random.nextInt(CHECKPOINT_BYTES);
      String complaint = "";
      try {
        study.run(work, out, new StopRequest(), new AfterStep(from, () -> fill(ballast, free)));
      } catch (UncheckedIOException e) {
        complaint = String.valueOf(e.getMessage());
      }
      Files.delete(ballast);
      if (complaint.isEmpty()) {
        say(SmallStudy.outcome(out).equals(whole), "without a complaint it ended otherwise");
        Folders.delete(out);
        return false;
      }
      boolean said = complaint.contains("No space left on device") && complaint.contains("study");
      Path checkpoints;
      try (var runs = Files.list(out.resolve("runs"))) {
        checkpoints = runs.findFirst().orElseThrow().resolve("checkpoints");
      }
      long latest = new CheckpointFolder(checkpoints).latestStep();
      boolean kept = latest >= Math.max(from - from % 7, from - from % SmallStudy.STEPS_PER_EPOCH);
      long begun = study.resume(work, out);
      boolean same = SmallStudy.outcome(out).equals(whole);
      Folders.delete(out);
      say(
          said && kept && begun == latest && same,
          "full from step %s on but for %s bytes: \"%s\", latest checkpoint %s, gone on from %s, same end %s"
              .formatted(from, free, complaint, latest, begun, same));
      return true;
    }

    private static void fill(Path ballast, long free) {
      try {
        long bytes = Files.getFileStore(ballast.getParent()).getUsableSpace() - free;
        try (OutputStream out = Files.newOutputStream(ballast)) {
          byte[] block = new byte[4096];
          for (long written = 0; written + block.length <= bytes; written += block.length) {
            out.write(block);
          }
        }
      } catch (IOException e) {
        throw new IllegalStateException("the disk cannot be filled", e);
      }
    }

    private static void readOnly(SmallStudy study, Path work, Path disk)
        throws IOException, InterruptedException {
      int mounted =
          new ProcessBuilder("mount", "-o", "remount,ro", disk.toString())
              .inheritIO()
              .start()
              .waitFor();
      say(mounted == 0, "the disk cannot be made read-only");
      Path elsewhere = work.resolve("elsewhere");
      study.run(work, elsewhere); // the cache is on the disk too
      say(
          SmallStudy.outcome(elsewhere).equals(SmallStudy.outcome(work.resolve("whole"))),
          "a cache that cannot be written changes the end");
      AtomicBoolean stepped = new AtomicBoolean();
      String complaint = "";
      try {
        AfterStep noticing = new AfterStep(0, () -> stepped.set(true));
        study.run(work, disk.resolve("study"), new StopRequest(), noticing);
      } catch (ConfigurationException e) {
        complaint = String.valueOf(e.getMessage());
      }
      say(
          complaint.startsWith("the folder for results cannot be written: ") && !stepped.get(),
          "a read-only folder: \"" + complaint + "\"");
    }

    private static void say(boolean holds, String whatIsWrong) {
      System.out.println(holds ? PASSED : "FAILED: " + whatIsWrong);
    }
  }
}
