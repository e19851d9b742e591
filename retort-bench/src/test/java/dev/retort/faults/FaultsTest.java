package dev.retort.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of fault in its short form; {@code retort-bench/faults/run} has the full ones. */
class FaultsTest {
  @TempDir Path work;

  static Iterable<String> kinds() {
    return Faults.KINDS.keySet();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void allIsAsIfNothingHadBeen(String kind) throws Exception {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    Tally tally = new Tally(new PrintStream(log, true, StandardCharsets.UTF_8));

    Faults.kind(kind).run(FaultPlan.inShort(work), tally);

    System.out.println(kind + ": " + tally);
    assertThat(tally.failed()).as(log.toString(StandardCharsets.UTF_8)).isZero();
  }
}
