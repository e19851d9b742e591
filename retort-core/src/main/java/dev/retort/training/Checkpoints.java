package dev.retort.training;

import java.time.Duration;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** When a training saves where it stands, and whether it has been asked to stop. */
public final class Checkpoints {
  private final @Nullable CheckpointFolder folder;
  private final Duration interval;
  private final StopRequest stop;
  private long lastSaved = System.nanoTime();

  private Checkpoints(@Nullable CheckpointFolder folder, Duration interval, StopRequest stop) {
    this.folder = folder;
    this.interval = interval;
    this.stop = stop;
  }

  /** Nothing is saved, and nobody asks. */
  public static Checkpoints none() {
    return new Checkpoints(null, Duration.ZERO, new StopRequest());
  }

  /** Nothing is saved: by a rank that is not the one that writes. */
  public static Checkpoints none(StopRequest stop) {
    return new Checkpoints(null, Duration.ZERO, stop);
  }

  /**
   * Saves at the end of each epoch, at a stop, and in between when some time has passed.
   *
   * @param interval between two checkpoints within an epoch
   */
  public static Checkpoints in(CheckpointFolder folder, Duration interval, StopRequest stop) {
    return new Checkpoints(folder, interval, stop);
  }

  /**
   * Sets the tensors and the clock to the latest checkpoint, and says how many steps it has behind
   * it; 0 for none.
   */
  long restore(Map<String, Tensor> tensors, TrainingClock clock) {
    CheckpointFolder.Manifest manifest = folder == null ? null : folder.restore(tensors);
    if (manifest == null) {
      return 0;
    }
    clock.set(manifest.seconds(), manifest.epochSeconds());
    return manifest.step();
  }

  /** Who may ask. */
  StopRequest stop() {
    return stop;
  }

  /**
   * After a step within an epoch.
   *
   * @param stops whether the training is to be left
   */
  void afterStep(Map<String, Tensor> tensors, long steps, TrainingClock clock, boolean stops) {
    boolean due = System.nanoTime() - lastSaved >= interval.toNanos();
    if (due || stops) {
      save(tensors, steps, clock);
    }
    leaveIf(stops);
  }

  /** After an epoch and its evaluation; {@code stops} likewise. */
  void afterEpoch(Map<String, Tensor> tensors, long steps, TrainingClock clock, boolean stops) {
    save(tensors, steps, clock);
    leaveIf(stops);
  }

  private static void leaveIf(boolean stops) {
    if (stops) {
      throw new StoppedException();
    }
  }

  private void save(Map<String, Tensor> tensors, long steps, TrainingClock clock) {
    if (folder != null) {
      folder.save(tensors, steps, clock.seconds(), clock.epochSeconds());
      lastSaved = System.nanoTime();
    }
  }
}
