package dev.retort.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.Sha256;
import dev.retort.engine.AtomicFile;
import dev.retort.engine.GradientMode;
import dev.retort.engine.TensorScope;
import dev.retort.weights.SafeTensors;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's checkpoints: {@code step-N.safetensors} with every tensor that a training goes on from,
 * and {@code step-N.json}, its manifest, which is written last: a checkpoint without one does not
 * count. The last two are kept.
 */
public final class CheckpointFolder {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final int KEPT = 2;
  private static final String MANIFEST = ".json";

  private final Path folder;

  /** The folder need not exist. */
  public CheckpointFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Where a training stands.
   *
   * @param step the number of steps done
   * @param seconds of training, without evaluation
   * @param epochSeconds of training in the epoch that is under way
   * @param sha256 of the tensors' file
   */
  record Manifest(long step, double seconds, double epochSeconds, String sha256) {}

  /**
   * Writes a checkpoint, and removes those before the last two.
   *
   * @throws UncheckedIOException if the folder cannot be written; the checkpoints before are as
   *     they were
   */
  void save(Map<String, Tensor> tensors, long step, double seconds, double epochSeconds) {
    Path file = folder.resolve("step-" + step + ".safetensors");
    try (TensorScope scope = TensorScope.open()) {
      Files.createDirectories(folder);
      SafeTensors.write(file, tensors, Map.of("step", Long.toString(step)));
      Manifest manifest = new Manifest(step, seconds, epochSeconds, Sha256.of(file));
      AtomicFile.write(manifestOf(step), JSON.writeValueAsBytes(manifest));
      removeAllBut(KEPT);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no checkpoint can be written in " + folder + ": " + e.getMessage(), e);
    }
  }

  private Path manifestOf(long step) {
    return folder.resolve("step-" + step + MANIFEST);
  }

  /** The steps of the checkpoints that are whole by their manifest, the latest first. */
  private List<Long> steps() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("step-\\d{1,18}\\.json"))
          .map(
              name ->
                  Long.valueOf(name.substring("step-".length(), name.length() - MANIFEST.length())))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  private void removeAllBut(int kept) throws IOException {
    List<Long> steps = steps();
    for (long step : steps.subList(Math.min(kept, steps.size()), steps.size())) {
      Files.deleteIfExists(manifestOf(step));
      Files.deleteIfExists(folder.resolve("step-" + step + ".safetensors"));
    }
  }

  /** Removes all checkpoints: the run is done. */
  public void clear() {
    try {
      removeAllBut(0);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      LOG.warn("the checkpoints of a finished run could not be removed: {}", e.getMessage());
    }
  }

  /** How many steps the latest checkpoint that can be read has behind it; 0 if there is none. */
  public long latestStep() {
    Manifest manifest = latest();
    return manifest == null ? 0 : manifest.step();
  }

  /**
   * The manifest of the latest checkpoint that is whole; null if there is none. A damaged one is
   * passed over with a warning.
   */
  private @Nullable Manifest latest() {
    try {
      for (long step : steps()) {
        Manifest manifest = whole(step);
        if (manifest != null) {
          return manifest;
        }
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private @Nullable Manifest whole(long step) {
    Path file = folder.resolve("step-" + step + ".safetensors");
    try {
      Manifest manifest = JSON.readValue(Files.readAllBytes(manifestOf(step)), Manifest.class);
      if (manifest.step() == step && Sha256.of(file).equals(manifest.sha256())) {
        return manifest;
      }
      LOG.warn("{} is damaged and is not used", file);
    } catch (JsonProcessingException e) {
      LOG.warn("{} is damaged and is not used", manifestOf(step));
    } catch (IOException e) {
      LOG.warn("{} cannot be read and is not used: {}", file, e.getMessage());
    }
    return null;
  }

  /**
   * Sets the tensors to the values of the latest whole checkpoint.
   *
   * @param tensors live, by the names under which they were saved
   * @return where the training stands; null, and nothing changed, if there is no checkpoint
   * @throws WeightsException if the checkpoint is of another training: it has other tensors
   */
  @Nullable Manifest restore(Map<String, Tensor> tensors) {
    Manifest manifest = latest();
    if (manifest == null) {
      return null;
    }
    Path file = folder.resolve("step-" + manifest.step() + ".safetensors");
    try (TensorScope scope = TensorScope.open();
        GradientMode off = GradientMode.off()) {
      Map<String, Tensor> saved = SafeTensors.read(file).tensors();
      if (!saved.keySet().equals(tensors.keySet())) {
        TreeSet<String> different = new TreeSet<>(tensors.keySet());
        different.removeAll(saved.keySet());
        throw new WeightsException(
            file + " is a checkpoint of another training: it lacks " + different);
      }
      tensors.forEach((name, live) -> live.copy_(saved.get(name)));
    }
    return manifest;
  }
}
