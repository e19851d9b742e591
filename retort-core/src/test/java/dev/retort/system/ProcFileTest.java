package dev.retort.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcFileTest {
  @TempDir Path folder;

  /** As Linux writes them; of one key another may be the beginning or the end. */
  @Test
  void kilobytesAndBytesAreRead() throws IOException {
    Path meminfo =
        Files.writeString(
            folder.resolve("meminfo"),
            "MemTotal:       24684084 kB\nMemAvailable:    9 kB\nMemAvailable2:    1 kB\n");
    Path stat =
        Files.writeString(
            folder.resolve("memory.stat"),
            "total_inactive_file 7\ninactive_file 1449984\nfile 3\n");
    assertThat(ProcFile.bytes(meminfo, "MemTotal")).hasValue(24684084L * 1024);
    assertThat(ProcFile.bytes(meminfo, "MemAvailable")).hasValue(9216);
    assertThat(ProcFile.bytes(stat, "inactive_file")).hasValue(1449984);
    assertThat(ProcFile.bytes(stat, "none")).isEmpty();
    assertThat(ProcFile.bytes(folder.resolve("gone"), "MemTotal")).isEmpty();
  }
}
