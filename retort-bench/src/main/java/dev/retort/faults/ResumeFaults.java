package dev.retort.faults;

import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import dev.retort.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * 97 + 103 steps against 200: every method in fp32 and bf16, with the teacher's outputs kept and
 * computed. The same seed gives the same bits, another seed others.
 */
final class ResumeFaults {
  private static final int EPOCHS = 8;
  private static final int STOP = 97;

  private ResumeFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException {
    for (Map.Entry<String, String> method : plan.methods("adversarial-hinton").entrySet()) {
      for (String precision : new String[] {"fp32", "bf16"}) {
        method(plan, tally, method.getKey(), method.getValue(), precision);
      }
      tally.note(method.getKey() + ": " + tally);
    }
  }

  private static void method(
      FaultPlan plan, Tally tally, String name, String yaml, String precision) throws IOException {
    SmallStudy cached = new SmallStudy(yaml, 1, precision, true, EPOCHS);
    SmallStudy computed = new SmallStudy(yaml, 1, precision, false, EPOCHS);
    String what = name + " in " + precision;
    String whole = undisturbed(plan, cached);
    tally.check(interrupted(plan, cached).equals(whole), what + ": 97 + 103 steps are not 200");
    tally.check(
        interrupted(plan, computed).equals(whole),
        what + ": 97 + 103 steps without the cache are not 200 with it");
    if (plan.isShort()) {
      return;
    }
    tally.check(
        undisturbed(plan, computed).equals(whole), what + ": the cache or the repetition shows");
    String other = undisturbed(plan, new SmallStudy(yaml, 2, precision, true, EPOCHS));
    tally.check(!student(other).equals(student(whole)), what + ": the seed makes no difference");
  }

  private static String student(String outcome) {
    return outcome.lines().findFirst().orElseThrow();
  }

  private static String undisturbed(FaultPlan plan, SmallStudy study) throws IOException {
    Path out = plan.folder("whole");
    study.run(plan.work(), out);
    return SmallStudy.outcome(out);
  }

  private static String interrupted(FaultPlan plan, SmallStudy study) throws IOException {
    Path out = plan.folder("interrupted");
    StopRequest stop = new StopRequest();
    try {
      study.run(
          plan.work(),
          out,
          stop,
          new TrainingListener() {
            @Override
            public void afterStep(long step, int epoch) {
              if (step + 1 == STOP) {
                stop.request();
              }
            }
          });
      return "it did not stop";
    } catch (StoppedException e) {
      study.run(plan.work(), out);
      return SmallStudy.outcome(out);
    }
  }
}
