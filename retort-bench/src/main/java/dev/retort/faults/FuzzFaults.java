package dev.retort.faults;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;

/**
 * Seeded fuzzing of each parser: only exceptions of ours, and no more memory than twice the file's
 * size, or the size that an accepted header declares, and 64 MB. What a reading allocates in all
 * stands in for what it holds at once, which is less.
 */
final class FuzzFaults {
  private static final long ALLOWANCE = 64L << 20;
  private static final int LONGEST = 1 << 16;
  private static final int INPUTS_IN_SHORT = 100;

  /** What breaks readers: sizes, signs, brackets, references. */
  private static final List<String> TOKENS =
      List.of(
          "\u0000",
          "\u00ff\u00ff\u00ff\u00ff",
          "\u007f\u00ff\u00ff\u00ff",
          "-1",
          "1e999",
          "0",
          "[",
          "{",
          "]",
          "}",
          "\"",
          ":",
          ",",
          "&a ",
          "*a",
          "!!java.net.URL ",
          "<<: ",
          "999999999999",
          "- ",
          "\n",
          "\t",
          "../",
          "#",
          "NaN",
          "null",
          "\\u0000",
          "PK\u0003\u0004");

  private FuzzFaults() {}

  static void run(FaultPlan plan, Tally tally) throws IOException {
    String given = plan.setting("seconds");
    double seconds = given == null ? 60 : Double.parseDouble(given);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Specimens.each(
        plan,
        tally,
        (specimen, whole, random) -> {
          long end = System.nanoTime() + (long) (seconds * 1e9);
          int inputs = 0;
          while (plan.isShort() ? inputs < INPUTS_IN_SHORT : System.nanoTime() < end) {
            byte[] input = mutated(whole, random);
            Files.write(specimen.file(), input);
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            Specimen.Outcome outcome = specimen.outcome();
            long taken = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
            long allowed = 2 * Math.max(input.length, specimen.declared()) + ALLOWANCE;
            tally.check(
                outcome.kind() != Specimen.Kind.FAILED && taken <= allowed,
                specimen.kind() + ", input " + inputs + ": " + outcome + ", " + taken + " bytes");
            inputs++;
          }
          tally.note(specimen.kind() + ", " + inputs + " inputs: " + tally);
        });
  }

  private static byte[] mutated(byte[] whole, Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] bytes = whole.clone();
    for (int edits = 1 + random.nextInt(6); edits > 0 && bytes.length > 0; edits--) {
      int at = random.nextInt(bytes.length);
      int length = random.nextInt(1 + Math.min(64, bytes.length - at));
      out.reset();
      out.write(bytes, 0, at);
      switch (random.nextInt(5)) {
        case 0 -> { // another byte
          out.write(random.nextInt(256));
          out.write(bytes, at + 1, bytes.length - at - 1);
        }
        case 1 -> out.write(bytes, at + length, bytes.length - at - length); // some are gone
        case 2 -> { // some come twice
          out.write(bytes, at, length);
          out.write(bytes, at, bytes.length - at);
        }
        case 3 -> { // a token stands there
          byte[] token =
              TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.ISO_8859_1);
          out.write(token, 0, token.length);
          int from = Math.min(bytes.length, at + (random.nextBoolean() ? token.length : 0));
          out.write(bytes, from, bytes.length - from);
        }
        default -> { // a piece from elsewhere
          int from = random.nextInt(bytes.length);
          out.write(bytes, from, Math.min(length, bytes.length - from));
          out.write(bytes, at, bytes.length - at);
        }
      }
      bytes = out.size() > LONGEST + whole.length ? bytes : out.toByteArray();
    }
    return bytes;
  }
}
