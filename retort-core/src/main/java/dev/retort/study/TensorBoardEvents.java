package dev.retort.study;

import dev.retort.onnx.Message;
import dev.retort.system.FileFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A run's metrics as TensorBoard reads them: a file of TFRecords, each an {@code Event} in Protocol
 * Buffers' encoding (tensorflow/core/util/event.proto, lib/io/record_writer.h). A scalar a figure
 * and epoch, at the epoch's step.
 */
record TensorBoardEvents(Path file) {
  private static final String PREFIX = "events.out.tfevents.";

  /**
   * Begins a file in a run's folder in place of the ones that are there.
   *
   * @param before the epochs that the run has behind it, which are written first
   */
  static TensorBoardEvents open(Path folder, List<EpochMetrics> before) {
    try {
      try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, PREFIX + "*")) {
        for (Path path : old) {
          Files.delete(path);
        }
      }
      double now = System.currentTimeMillis() / 1e3;
      Path file =
          folder.resolve(PREFIX + String.format(Locale.ROOT, "%010d", (long) now) + ".retort");
      TensorBoardEvents events = new TensorBoardEvents(file);
      events.write(new Message().real64(1, now).text(3, "brain.Event:2"));
      before.forEach(events::append);
      return events;
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be written: " + FileFailure.reason(e), e);
    }
  }

  /** Appends an epoch's figures. */
  void append(EpochMetrics epoch) {
    Message summary = new Message();
    scalar(summary, "learningRate", epoch.learningRate());
    scalar(summary, "trainLoss", epoch.trainLoss());
    scalar(summary, "validationAccuracy", epoch.validationAccuracy());
    epoch.objectives().forEach((name, value) -> scalar(summary, "objective/" + name, value));
    epoch
        .adversaries()
        .forEach(
            (label, figures) ->
                figures.forEach(
                    (name, value) -> scalar(summary, "adversary/" + label + "/" + name, value)));
    write(
        new Message()
            .real64(1, System.currentTimeMillis() / 1e3)
            .number(2, epoch.step())
            .message(5, summary));
  }

  private static void scalar(Message summary, String tag, @Nullable Double value) {
    if (value != null) {
      summary.message(1, new Message().text(1, tag).real(2, value.floatValue()));
    }
  }

  /** A record: the length, its checksum, the content, its checksum. */
  private void write(Message event) {
    byte[] content = event.toBytes().toByteArray();
    ByteBuffer record = ByteBuffer.allocate(content.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(content.length);
    record.putInt(maskedChecksum(record.array(), 8)).put(content);
    record.putInt(maskedChecksum(content, content.length));
    try {
      Files.write(file, record.array(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + FileFailure.reason(e), e);
    }
  }

  private static int maskedChecksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
  }
}
