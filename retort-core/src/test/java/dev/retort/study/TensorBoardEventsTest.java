package dev.retort.study;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.PureJavaCrc32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the file back with Protocol Buffers' own parser and another library's checksum. */
class TensorBoardEventsTest {
  @TempDir Path folder;

  @Test
  void eachFigureIsAScalarAtItsEpochsStep() throws IOException {
    TensorBoardEvents.open(folder, List.of(epoch(1, 0.5))).append(epoch(2, null));

    List<UnknownFieldSet> events = events();
    assertThat(text(events.get(0), 3)).isEqualTo("brain.Event:2");
    assertThat(step(events.get(1))).isEqualTo(350);
    assertThat(scalars(events.get(1)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                entry("learningRate", 0.25f),
                entry("trainLoss", 1.5f),
                entry("validationAccuracy", 0.5f),
                entry("objective/hinton", 2f),
                entry("adversary/logits/pTeacher", 0.75f),
                entry("adversary/logits/pStudent", 0.125f),
                entry("adversary/logits/accuracy", 0.875f),
                entry("adversary/logits/auc", 0.625f),
                entry("adversary/logits/logitDifference", 1.25f),
                entry("adversary/logits/gradientRatio", 0.0625f),
                entry("adversary/logits/boundedShare", 0.5f)));
    assertThat(step(events.get(2))).isEqualTo(700);
    assertThat(scalars(events.get(2))).doesNotContainKey("validationAccuracy");
    assertThat(events).hasSize(3);
  }

  /**
   * The first bytes of every file that TensorFlow writes: a record of 24 bytes, and its checksum.
   */
  @Test
  void theFileBeginsAsTensorFlowsDo() throws IOException {
    TensorBoardEvents.open(folder, List.of());

    byte[] bytes = Files.readAllBytes(files().get(0));
    assertThat(bytes).startsWith(0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22, 0x09);
  }

  @Test
  void aRunThatGoesOnHasOneFile() throws IOException {
    TensorBoardEvents.open(folder, List.of(epoch(1, 0.5)));
    TensorBoardEvents.open(folder, List.of(epoch(1, 0.5), epoch(2, 0.6)));

    assertThat(files()).hasSize(1);
    assertThat(events()).hasSize(3);
  }

  private static EpochMetrics epoch(int epoch, @Nullable Double accuracy) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("pTeacher", 0.75);
    figures.put("pStudent", 0.125);
    figures.put("jsdLowerBound", null);
    figures.put("accuracy", 0.875);
    figures.put("auc", 0.625);
    figures.put("logitDifference", 1.25);
    figures.put("gradientRatio", 0.0625);
    figures.put("boundedShare", 0.5);
    return new EpochMetrics(
        epoch,
        350L * epoch,
        1,
        0.25,
        1.5,
        Map.of("hinton", 2.0),
        accuracy,
        Map.of("logits", figures),
        List.of());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private List<UnknownFieldSet> events() throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(files().get(0))).order(ByteOrder.LITTLE_ENDIAN);
    List<UnknownFieldSet> events = new ArrayList<>();
    while (file.hasRemaining()) {
      int start = file.position();
      byte[] content = new byte[(int) file.getLong()];
      assertThat(file.getInt()).isEqualTo(masked(file.array(), start, 8));
      file.get(content);
      assertThat(file.getInt()).isEqualTo(masked(content, 0, content.length));
      events.add(UnknownFieldSet.parseFrom(content));
    }
    return events;
  }

  private static int masked(byte[] bytes, int offset, int length) {
    PureJavaCrc32C checksum = new PureJavaCrc32C();
    checksum.update(bytes, offset, length);
    int value = (int) checksum.getValue();
    return ((value >>> 15) | (value << 17)) + 0xa282ead8;
  }

  private static long step(UnknownFieldSet event) {
    return event.getField(2).getVarintList().get(0);
  }

  private static String text(UnknownFieldSet message, int field) {
    return message.getField(field).getLengthDelimitedList().get(0).toStringUtf8();
  }

  private static Map<String, Float> scalars(UnknownFieldSet event) throws IOException {
    UnknownFieldSet summary =
        UnknownFieldSet.parseFrom(event.getField(5).getLengthDelimitedList().get(0));
    Map<String, Float> scalars = new LinkedHashMap<>();
    for (ByteString value : summary.getField(1).getLengthDelimitedList()) {
      UnknownFieldSet scalar = UnknownFieldSet.parseFrom(value);
      scalars.put(
          text(scalar, 1), Float.intBitsToFloat(scalar.getField(2).getFixed32List().get(0)));
    }
    return scalars;
  }
}
