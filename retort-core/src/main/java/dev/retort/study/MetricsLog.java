package dev.retort.study;

import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A run's {@code metrics.jsonl}: one line an epoch, each on the disk before the next epoch. */
record MetricsLog(Path file) {
  /**
   * A log to append to. Lines of epochs behind {@code completedEpochs} go: the run resumes from a
   * checkpoint before them, and will write them again.
   *
   * @param completedEpochs how many epochs the checkpoint has behind it; 0 for a fresh start
   * @throws StudyRecordException if an earlier line is damaged, or one of those epochs has none
   */
  public static MetricsLog open(Path file, int completedEpochs) {
    try {
      List<EpochMetrics> kept =
          read(file).stream().filter(metrics -> metrics.epoch() <= completedEpochs).toList();
      List<Integer> expected = IntStream.rangeClosed(1, completedEpochs).boxed().toList();
      if (!kept.stream().map(EpochMetrics::epoch).toList().equals(expected)) {
        throw new StudyRecordException(
            """
            %s has not one line for each of the %s epochs that the checkpoint has behind it: \
            bring it back, or delete the run's folder and begin the run anew"""
                .formatted(file, completedEpochs));
      }
      AtomicFile.write(
          file,
          kept.stream()
              .map(metrics -> StudyJson.line(metrics) + "\n")
              .collect(Collectors.joining()));
      return new MetricsLog(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + FileFailure.reason(e), e);
    }
  }

  /** Appends an epoch and waits until it is on the disk. */
  public void append(EpochMetrics metrics) {
    try {
      Files.writeString(
          file,
          StudyJson.line(metrics) + "\n",
          StandardOpenOption.APPEND,
          StandardOpenOption.DSYNC);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + FileFailure.reason(e), e);
    }
  }

  /**
   * The epochs in a log, in order; none if there is no file. A last line without an end is what a
   * killed process left, and is passed over.
   *
   * @throws StudyRecordException if a line is damaged
   */
  static List<EpochMetrics> read(Path file) {
    if (!Files.exists(file)) {
      return List.of();
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new StudyRecordException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
    List<EpochMetrics> epochs = new ArrayList<>();
    int start = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      try {
        epochs.add(StudyJson.parse(text.substring(start, end), EpochMetrics.class));
      } catch (IOException e) {
        throw new StudyRecordException(
            "%s:%d: the line is no epoch's metrics; bring the file back, or delete the run's folder and do the run anew"
                .formatted(file, epochs.size() + 1),
            e);
      }
      start = end + 1;
    }
    return epochs;
  }
}
