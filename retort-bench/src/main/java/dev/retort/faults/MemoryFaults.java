package dev.retort.faults;

import dev.retort.training.StopRequest;
import dev.retort.training.TrainingListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;

/**
 * Long trainings of each method, and many short ones in one process: memory stays as it is. The
 * most that the last quarter takes is compared with the most of the second; and at the end of no
 * epoch there are more native objects than at that of the first.
 */
final class MemoryFaults {
  private static final int SAMPLES = 40;

  /** A few pages of the runtime's own. */
  private static final long ALLOWED_GROWTH = 8L << 20;

  /** In a process that still loads and compiles classes. */
  private static final long ALLOWED_GROWTH_IN_SHORT = 24L << 20;

  private MemoryFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException {
    long allowed = plan.isShort() ? ALLOWED_GROWTH_IN_SHORT : ALLOWED_GROWTH;
    int steps = plan.count("steps", 20_000, 200);
    String precision = Objects.requireNonNullElse(plan.setting("precision"), "fp32");
    for (Map.Entry<String, String> method : plan.methods("adversarial-hinton").entrySet()) {
      List<Long> samples = new ArrayList<>();
      List<Long> objects = new ArrayList<>();
      int every = Math.max(1, steps / SAMPLES);
      new SmallStudy(method.getValue(), 1, precision, true, steps / SmallStudy.STEPS_PER_EPOCH)
          .run(
              plan.work(),
              plan.folder("long"),
              new StopRequest(),
              new TrainingListener() {
                @Override
                public void afterStep(long step, int epoch) {
                  if (step % every == 0) {
                    samples.add(Pointer.physicalBytes());
                  }
                }

                @Override
                public void afterEpoch(EpochResult result) {
                  objects.add(Pointer.totalCount());
                }
              });
      // After the last epoch the student is left with what it is evaluated with.
      List<Long> goingOn = objects.subList(0, objects.size() - 1);
      tally.check(
          goingOn.size() > 1 && goingOn.stream().allMatch(count -> count <= goingOn.get(0)),
          method.getKey() + ": native objects at the ends of epochs: " + objects);
      flat(samples, allowed, method.getKey() + ", " + steps + " steps", tally);
    }
    int trainings = plan.count("trainings", 500, 4);
    List<String> methods = List.copyOf(plan.methods("adversarial-hinton", "hinton").values());
    List<Long> samples = new ArrayList<>();
    for (int i = 0; i < trainings; i++) {
      new SmallStudy(methods.get(i % methods.size()), i, precision, false, 1)
          .run(plan.work(), plan.folder("short"));
      samples.add(Pointer.physicalBytes());
    }
    flat(samples, allowed, trainings + " trainings", tally);
  }

  private static void flat(List<Long> samples, long allowed, String what, Tally tally) {
    int quarter = samples.size() / 4;
    long early = most(samples.subList(quarter, 2 * quarter));
    long late = most(samples.subList(3 * quarter, samples.size()));
    tally.note(what + ": " + early / 1_000_000 + " MB, then " + late / 1_000_000 + " MB");
    tally.check(late - early <= allowed, what + ": " + early + " bytes grew to " + late);
  }

  private static long most(List<Long> samples) {
    return samples.stream().mapToLong(Long::longValue).max().orElseThrow();
  }
}
