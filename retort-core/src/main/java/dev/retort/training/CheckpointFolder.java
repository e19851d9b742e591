package dev.retort.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.distill.Opponent;
import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import dev.retort.system.Folders;
import dev.retort.system.Sha256;
import dev.retort.weights.SafeTensors;
import dev.retort.weights.TensorType;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's checkpoints: {@code step-N-epoch-E.safetensors} with every tensor that a training goes on
 * from, and {@code step-N-epoch-E.json}, its manifest, which is written last: a checkpoint without
 * one does not count. The last two are kept.
 */
public final class CheckpointFolder {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final int KEPT = 2;
  private static final String TENSORS = ".safetensors";
  private static final String MANIFEST = ".json";
  private static final Pattern NAME =
      Pattern.compile("step-(\\d{1,18})-epoch-(\\d{1,9})(\\.json|\\.safetensors)");

  private final Path folder;

  /** The folder need not exist. */
  public CheckpointFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Where a training stands.
   *
   * @param position the steps and epochs done
   * @param seconds of training, without evaluation and checkpoints
   * @param epochSeconds of training in the epoch that is under way
   * @param sha256 of the tensors' file
   * @param check SHA-256 of all that
   */
  record Manifest(
      TrainingPosition position, double seconds, double epochSeconds, String sha256, String check) {
    static Manifest of(
        TrainingPosition position, double seconds, double epochSeconds, String sha256) {
      // The numbers' bits, since another Java may spell them otherwise.
      String all =
          "%s %x %x %s"
              .formatted(
                  position,
                  Double.doubleToLongBits(seconds),
                  Double.doubleToLongBits(epochSeconds),
                  sha256);
      return new Manifest(position, seconds, epochSeconds, sha256, new Sha256().text(all).hex());
    }

    /** What a file says, if that is what was written. */
    static @Nullable Manifest read(byte[] bytes) throws IOException {
      @Nullable Manifest read = JSON.readValue(bytes, Manifest.class);
      return read != null // the file begins with the word null
              && read.equals(
                  of(read.position(), read.seconds(), read.epochSeconds(), read.sha256()))
          ? read
          : null;
    }
  }

  /**
   * Writes a checkpoint, and removes those before the last two.
   *
   * @throws DivergedException if a number is not finite that is not an observer's: such a
   *     checkpoint would take the place of a good one
   * @throws UncheckedIOException if the folder cannot be written; the checkpoints before are as
   *     they were
   */
  void save(
      Map<String, Tensor> tensors, TrainingPosition position, double seconds, double epochSeconds) {
    requireFinite(tensors, position.step());
    Path file = tensorsOf(position);
    try (TensorScope scope = TensorScope.open()) {
      Folders.make(folder);
      SafeTensors.write(file, tensors, Map.of("step", Long.toString(position.step())));
      Manifest manifest = Manifest.of(position, seconds, epochSeconds, Sha256.of(file));
      AtomicFile.write(manifestOf(position), JSON.writeValueAsBytes(manifest));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no checkpoint can be written in " + folder + ": " + FileFailure.reason(e), e);
    }
    removeOthers(position);
  }

  private void removeOthers(TrainingPosition latest) {
    try {
      // What stands behind the new one is damaged, or the training would have gone on from there.
      List<TrainingPosition> positions = positions();
      int first = positions.indexOf(latest);
      if (first < 0) { // a file system that lists late
        return;
      }
      remove(positions.subList(0, first));
      remove(positions.subList(Math.min(first + KEPT, positions.size()), positions.size()));
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("an old checkpoint could not be removed: {}", e.getMessage());
    }
  }

  /**
   * An observer that diverged is reported, and must not end what it observes.
   *
   * @throws DivergedException if a number is not finite that is not an observer's
   */
  static void requireFinite(Map<String, Tensor> tensors, long step) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      tensors.forEach(
          (name, tensor) -> {
            if (!name.contains(Opponent.OBSERVER)
                && tensor.is_floating_point()
                && !tensor.isfinite().all().item_bool()) {
              throw new DivergedException(
                  """
                  training diverged: after %s steps '%s' has values that are not finite. Lower training.learningRate, or that of the \
                  discriminator whose part it is."""
                      .formatted(step, name));
            }
          });
    }
  }

  private Path tensorsOf(TrainingPosition position) {
    return folder.resolve(name(position) + TENSORS);
  }

  private Path manifestOf(TrainingPosition position) {
    return folder.resolve(name(position) + MANIFEST);
  }

  /** No checkpoint takes another's name: each is whole before the one before it goes. */
  private static String name(TrainingPosition position) {
    return "step-" + position.step() + "-epoch-" + position.epochs();
  }

  /**
   * Whether there is certainly none. One that cannot be looked at for the moment, or is a link to a
   * disk that is away, is not absent: the training would begin anew, and remove what is there.
   */
  private boolean isAbsent() {
    return Files.notExists(folder, LinkOption.NOFOLLOW_LINKS);
  }

  /** Where the checkpoints that are whole by their manifest stand, the latest first. */
  private List<TrainingPosition> positions() throws IOException {
    if (isAbsent()) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> NAME.matcher(file.getFileName().toString()))
          .filter(matcher -> matcher.matches() && matcher.group(3).equals(MANIFEST))
          .map(
              matcher ->
                  new TrainingPosition(
                      Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2))))
          .sorted(
              Comparator.comparingLong(TrainingPosition::step)
                  .thenComparingInt(TrainingPosition::epochs)
                  .reversed())
          .toList();
    }
  }

  private void remove(List<TrainingPosition> positions) throws IOException {
    for (TrainingPosition position : positions) {
      Files.deleteIfExists(manifestOf(position));
      Files.deleteIfExists(tensorsOf(position));
    }
  }

  /**
   * Removes what a killed process left half written: files without a manifest. To be called by who
   * has the run to himself.
   *
   * @throws UncheckedIOException if that fails
   */
  public void removeUnfinished() {
    if (isAbsent()) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = file.getFileName().toString();
        boolean unfinished =
            NAME.matcher(name).matches()
                && name.endsWith(TENSORS)
                && !Files.exists(file.resolveSibling(name.replace(TENSORS, MANIFEST)));
        if (unfinished || name.endsWith(AtomicFile.TEMPORARY)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be tidied: " + FileFailure.reason(e), e);
    }
  }

  /** Removes all checkpoints: the run is done. */
  public void clear() {
    try {
      removeUnfinished();
      remove(positions());
      Files.deleteIfExists(folder);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("the checkpoints of a finished run could not be removed: {}", e.getMessage());
    }
  }

  /** How many steps the latest checkpoint that can be read has behind it; 0 if there is none. */
  public long latestStep() {
    Manifest manifest = latest();
    return manifest == null ? 0 : manifest.position().step();
  }

  /**
   * How many epochs, with their evaluation, the latest checkpoint that can be read has behind it.
   */
  public int latestEpochs() {
    Manifest manifest = latest();
    return manifest == null ? 0 : manifest.position().epochs();
  }

  /**
   * The manifest of the latest checkpoint that is whole; null if there is none. A damaged one is
   * passed over with a warning.
   */
  private @Nullable Manifest latest() {
    try {
      for (TrainingPosition position : positions()) {
        Manifest manifest = whole(position);
        if (manifest != null) {
          return manifest;
        }
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /**
   * The manifest of a checkpoint; null if it is damaged, or half removed. One that cannot be read
   * at the moment must not be taken for that: the training would begin anew, and remove it.
   */
  private @Nullable Manifest whole(TrainingPosition position) {
    Path file = tensorsOf(position);
    try {
      Manifest manifest = Manifest.read(Files.readAllBytes(manifestOf(position)));
      if (manifest != null
          && manifest.position().equals(position)
          && Sha256.of(file).equals(manifest.sha256())) {
        return manifest;
      }
      LOG.warn("{} is damaged and is not used", file);
    } catch (JsonProcessingException e) {
      LOG.warn("{} is damaged and is not used", manifestOf(position));
    } catch (NoSuchFileException e) {
      LOG.warn("{} is missing, and its checkpoint is not used", e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s cannot be read: %s; where it stays so, remove it, and the training goes on from the checkpoint before"
              .formatted(file, FileFailure.reason(e)),
          e);
    }
    return null;
  }

  /**
   * Sets the tensors to the values of the latest whole checkpoint.
   *
   * @param tensors live, by the names under which they were saved
   * @return where the training stands; null, and nothing changed, if there is no checkpoint
   * @throws WeightsException if the checkpoint has other tensors, or one of another shape or type;
   *     nothing is changed then either
   */
  @Nullable Manifest restore(Map<String, Tensor> tensors) {
    Manifest manifest = latest();
    if (manifest == null) {
      return null;
    }
    Path file = tensorsOf(manifest.position());
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Map<String, Tensor> saved = SafeTensors.read(file).tensors();
      requireSame(saved, tensors, file);
      tensors.forEach((name, live) -> live.copy_(saved.get(name)));
    }
    return manifest;
  }

  /** Names, types and shapes: a copy would convert numbers, and spread one over any shape. */
  private void requireSame(Map<String, Tensor> saved, Map<String, Tensor> needed, Path file) {
    Set<String> missing = new TreeSet<>(needed.keySet());
    missing.removeAll(saved.keySet());
    if (!missing.isEmpty()) {
      throw unfit(file, "lacks " + missing);
    }
    Set<String> unknown = new TreeSet<>(saved.keySet());
    unknown.removeAll(needed.keySet());
    if (!unknown.isEmpty()) {
      throw unfit(file, "has " + unknown + " too many");
    }
    saved.forEach(
        (name, tensor) -> {
          String found = form(tensor);
          String wanted = form(Objects.requireNonNull(needed.get(name)));
          if (!found.equals(wanted)) {
            throw unfit(file, "has '%s' as %s, not %s".formatted(name, found, wanted));
          }
        });
  }

  /** Such as {@code F32 [10, 64]}. */
  private static String form(Tensor tensor) {
    return TensorType.of(tensor.scalar_type()) + " " + Arrays.toString(tensor.shape());
  }

  private WeightsException unfit(Path file, String reason) {
    return new WeightsException(
        """
        %s %s: another build of Retort or another training wrote it; remove %s, and the run begins \
        anew"""
            .formatted(file, reason, folder));
  }
}
