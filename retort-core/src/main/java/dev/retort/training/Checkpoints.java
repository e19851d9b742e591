package dev.retort.training;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** When a training saves where it stands, and whether it has been asked to stop. */
public final class Checkpoints {
  private final @Nullable CheckpointFolder folder;
  private final CheckpointInterval interval;
  private final StopRequest stop;
  private long lastSaved = System.nanoTime();

  private Checkpoints(
      @Nullable CheckpointFolder folder, CheckpointInterval interval, StopRequest stop) {
    this.folder = folder;
    this.interval = interval;
    this.stop = stop;
  }

  /** Nothing is saved, and nobody asks. */
  public static Checkpoints none() {
    return new Checkpoints(null, CheckpointInterval.EPOCHS, new StopRequest());
  }

  /** Nothing is saved: by a rank that is not the one that writes. */
  public static Checkpoints none(StopRequest stop) {
    return new Checkpoints(null, CheckpointInterval.EPOCHS, stop);
  }

  /**
   * Saves at the end of each epoch, at a stop, and in between as the interval says.
   *
   * @param interval between two checkpoints within an epoch
   */
  public static Checkpoints in(
      CheckpointFolder folder, CheckpointInterval interval, StopRequest stop) {
    return new Checkpoints(folder, interval, stop);
  }

  /** Who may ask. */
  StopRequest stop() {
    return stop;
  }

  /** Sets the tensors and the clock to the latest checkpoint, and says where it is. */
  TrainingPosition restore(Map<String, Tensor> tensors, TrainingClock clock) {
    CheckpointFolder.Manifest manifest = folder == null ? null : folder.restore(tensors);
    if (manifest == null) {
      return TrainingPosition.BEGINNING;
    }
    clock.set(manifest.seconds(), manifest.epochSeconds());
    return manifest.position();
  }

  /**
   * After a step.
   *
   * @param last of its epoch, whose end will be saved
   */
  void afterStep(
      Map<String, Tensor> tensors, TrainingPosition position, boolean last, TrainingClock clock) {
    boolean due = !last && interval.isDue(position.step(), System.nanoTime() - lastSaved);
    if (due || stop.isRequested()) {
      save(tensors, position, clock);
    }
    stop.throwIfRequested();
  }

  /** After an epoch and its evaluation. */
  void afterEpoch(Map<String, Tensor> tensors, TrainingPosition position, TrainingClock clock) {
    save(tensors, position, clock);
    stop.throwIfRequested();
  }

  /** Where a stop has come in the middle of an evaluation, which will be made again. */
  void save(Map<String, Tensor> tensors, TrainingPosition position, TrainingClock clock) {
    if (folder != null) {
      folder.save(tensors, position, clock.seconds(), clock.epochSeconds());
      lastSaved = System.nanoTime();
    }
  }
}
