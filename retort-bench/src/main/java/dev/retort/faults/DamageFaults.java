package dev.retort.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;

/**
 * Bit flips and truncations of each kind of file that we read. Where a digest is on record every
 * one is noticed; elsewhere the file is refused with an exception of ours, or read as what it says
 * now.
 */
final class DamageFaults {
  private DamageFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException {
    int flips = plan.count("flips", 1000, 40);
    int cuts = plan.count("cuts", 500, 20);
    Specimens.each(
        plan,
        tally,
        (specimen, whole, random) -> {
          for (int i = 0; i < flips; i++) {
            byte[] damaged = whole.clone();
            int bit = random.nextInt(8 * whole.length);
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            check(specimen, damaged, "bit " + bit + " flipped", tally);
          }
          for (int i = 0; i < cuts; i++) {
            int length = random.nextInt(whole.length);
            check(specimen, Arrays.copyOf(whole, length), "cut to " + length + " bytes", tally);
          }
          tally.note(specimen.kind() + ": " + tally);
        });
  }

  private static void check(Specimen specimen, byte[] damaged, String how, Tally tally)
      throws IOException {
    Files.write(specimen.file(), damaged);
    Specimen.Outcome outcome = specimen.outcome();
    boolean holds =
        specimen.digested()
            ? outcome.kind() == Specimen.Kind.REFUSED
            : outcome.kind() != Specimen.Kind.FAILED;
    tally.check(holds, specimen.kind() + ", " + how + ": " + outcome);
  }
}
