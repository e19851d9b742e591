package dev.retort.faults;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The faults that befall a process, in their short form: most of their time is its start. */
class ProcessFaultsTest {
  static final List<String> KINDS = List.of("1-kill", "10-jobs", "3-terminate");

  @TempDir Path work;

  @ParameterizedTest
  @FieldSource("KINDS")
  void allIsAsIfNothingHadBeen(String kind) throws Exception {
    FaultsTest.doInShort(kind, work);
  }
}
