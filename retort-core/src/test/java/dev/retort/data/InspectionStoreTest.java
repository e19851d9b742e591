package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects: what is kept of pictures does not grow for ever, and what is in use is not lost. */
class InspectionStoreTest {
  private static final ImageInspection EMPTY = new ImageInspection(List.of());

  @TempDir Path folder;

  @Test
  void filesThatWereUsedLastStay() throws IOException {
    Instant now = Instant.now();
    for (int i = 0; i < InspectionStore.KEPT; i++) {
      InspectionStore store = store(Integer.toString(i));
      store.save(EMPTY);
      Files.setLastModifiedTime(store.file(), FileTime.from(now.minusSeconds(1000 - i)));
    }
    assertThat(store("0").load(0)).isEqualTo(EMPTY); // the oldest, used now

    store("new").save(EMPTY);

    assertThat(store("0").file()).exists();
    assertThat(store("1").file()).doesNotExist();
    assertThat(store("2").file()).exists();
    assertThat(store("new").file()).exists();
  }

  private InspectionStore store(String name) {
    return new InspectionStore(folder.resolve(name + ".json"));
  }
}
