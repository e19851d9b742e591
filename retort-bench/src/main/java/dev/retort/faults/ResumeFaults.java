package dev.retort.faults;

import dev.retort.bench.AfterStep;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * 97 + 103 steps against 200: every method in fp32 and bf16, with the teacher's outputs kept and
 * computed. The same seed gives the same bits, another seed others. In short 37 + 63 steps of one
 * method: in fp32 with the outputs kept, in bf16 with them computed.
 */
final class ResumeFaults {
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
    int epochs = plan.isShort() ? 4 : 8;
    int stop = plan.isShort() ? 37 : 97;
    int steps = epochs * SmallStudy.STEPS_PER_EPOCH;
    String sum = ": " + stop + " + " + (steps - stop) + " steps are not " + steps;
    SmallStudy cached = new SmallStudy(yaml, 1, precision, true, epochs);
    SmallStudy computed = new SmallStudy(yaml, 1, precision, false, epochs);
    String what = name + " in " + precision;
    String whole = undisturbed(plan, cached);
    if (plan.isShort()) {
      SmallStudy study = precision.equals("fp32") ? cached : computed;
      tally.check(interrupted(plan, study, stop).equals(whole), what + sum);
      return;
    }
    tally.check(interrupted(plan, cached, stop).equals(whole), what + sum);
    tally.check(interrupted(plan, computed, stop).equals(whole), what + " without the cache" + sum);
    tally.check(
        undisturbed(plan, computed).equals(whole), what + ": the cache or the repetition shows");
    String other = undisturbed(plan, new SmallStudy(yaml, 2, precision, true, epochs));
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

  /** Stopped after so many steps, and gone on with. */
  private static String interrupted(FaultPlan plan, SmallStudy study, int steps)
      throws IOException {
    Path out = plan.folder("interrupted");
    StopRequest stop = new StopRequest();
    try {
      study.run(plan.work(), out, stop, new AfterStep(steps - 1, stop::request));
      return "it did not stop";
    } catch (StoppedException e) {
      long begun = study.resume(plan.work(), out);
      return begun == steps ? SmallStudy.outcome(out) : "it went on after " + begun + " steps";
    }
  }
}
