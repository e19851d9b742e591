package dev.retort.training;

import dev.retort.engine.Collective;
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

  /** Nothing is saved, and no stop is requested. */
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
   * @param ranks that train together; where there are several, what is not finite and cannot be
   *     saved is for the next step or {@link #requireFinite} to tell, which all of them take part
   *     in
   * @throws DivergedException on the only rank, if what is to be saved is not finite
   */
  void afterStep(
      Map<String, Tensor> tensors,
      TrainingPosition position,
      boolean last,
      TrainingClock clock,
      Collective ranks) {
    boolean due = !last && interval.isDue(position.step(), System.nanoTime() - lastSaved);
    boolean asked = stop.isRequested(); // Once: a request after this waits for the next step.
    if (due || asked) {
      clock.pause(); // a run's seconds do not depend on how often it is saved
      DivergedException diverged = trySave(tensors, position, clock);
      clock.run();
      if (diverged != null && ranks.ranks() == 1) {
        throw diverged;
      }
    }
    if (asked) {
      stop.throwIfRequested();
    }
  }

  /**
   * After an epoch's last step: what is not finite must not be evaluated.
   *
   * @throws DivergedException on every rank, if what the student depends on is not finite
   */
  static void requireFinite(Map<String, Tensor> tensors, long step, Collective ranks) {
    DivergedException diverged = null;
    try {
      CheckpointFolder.requireFinite(tensors, step);
    } catch (DivergedException e) {
      diverged = e;
    }
    if (ranks.any(diverged != null)) {
      throw diverged == null
          ? new DivergedException("training diverged on another rank")
          : diverged;
    }
  }

  /** After an epoch and its evaluation. */
  void afterEpoch(Map<String, Tensor> tensors, TrainingPosition position, TrainingClock clock) {
    save(tensors, position, clock);
    stop.throwIfRequested();
  }

  private @Nullable DivergedException trySave(
      Map<String, Tensor> tensors, TrainingPosition position, TrainingClock clock) {
    try {
      save(tensors, position, clock);
      return null;
    } catch (DivergedException e) {
      return e;
    }
  }

  /** Where a stop has come in the middle of an evaluation, which will be made again. */
  void save(Map<String, Tensor> tensors, TrainingPosition position, TrainingClock clock) {
    if (folder != null) {
      folder.save(tensors, position, clock.seconds(), clock.epochSeconds());
      lastSaved = System.nanoTime();
    }
  }
}
