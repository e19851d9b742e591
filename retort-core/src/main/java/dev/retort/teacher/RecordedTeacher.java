package dev.retort.teacher;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.system.FileFailure;
import dev.retort.system.Sha256;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A teacher of which only the outputs are at hand: its logits, and perhaps other representations,
 * of the images as they are or of recorded views of them. They are held in memory.
 *
 * <p>Arrays are paired with images by the images' numbers among those that the data came with
 * ({@link Dataset#number}). Names with {@code validation.} or {@code test.} before them are of
 * those parts; a part that was set apart from the training images is found among those of the
 * training images.
 */
public final class RecordedTeacher implements Teacher {
  private static final Logger LOG = LoggerFactory.getLogger(RecordedTeacher.class);

  private final Path file;
  private final @Nullable String source;
  private final Splits data;
  private final Map<String, RecordedPart> parts = new LinkedHashMap<>();
  private final Map<String, long[]> shapes;
  private final String digest;

  /**
   * Reads a file; tensors belong to the innermost open scope.
   *
   * @param file {@code .safetensors}, {@code .npz} or {@code .npy} (the logits alone)
   * @param classes the names in the order of its logits; null for the data's order
   * @param declared what was recorded as logits; null for what its values show
   * @param data whose batches it will be asked about
   * @throws WeightsException if the file is missing or bad, or of other images or classes
   */
  RecordedTeacher(
      Path file, @Nullable List<String> classes, @Nullable Outputs declared, Splits data) {
    this.file = file;
    this.data = data;
    RecordedFile recorded = RecordedFile.read(file);
    Outputs outputs = recorded.outputs(declared, file);
    RecordedFile read = recorded.withLogits(outputs, file);
    this.source = read.source();
    Map<String, Tensor> ofTraining = read.ofTraining();
    Map<String, Tensor> ofValidation = read.of(RecordedFile.VALIDATION);
    Map<String, Tensor> ofTest = read.of(RecordedFile.TEST);
    RecordedPart training = add(data.train(), data.train().numbering().images(), ofTraining, "");
    addOther(data.validation(), ofValidation, RecordedFile.VALIDATION, ofTraining, training);
    addOther(data.test(), ofTest, RecordedFile.TEST, ofTraining, training);
    if (parts.isEmpty()) {
      throw new WeightsException(
          file + ": there is no array 'logits' among " + read.arrays().keySet());
    }
    requireAlike();
    long[] places = order(classes);
    this.shapes = Collections.unmodifiableMap(shapes(first()));
    this.digest = digest(file, places, outputs);
  }

  private @Nullable RecordedPart add(
      Dataset images, int numbered, Map<String, Tensor> recorded, String prefix) {
    if (recorded.isEmpty()) {
      return null;
    }
    String where = prefix.isEmpty() ? file.toString() : file + ", " + prefix + "*";
    RecordedPart part = RecordedPart.of(recorded, images, numbered, where);
    if (part.augmented() && !prefix.isEmpty()) {
      throw new WeightsException(where + ": only of training images views are recorded");
    }
    parts.putIfAbsent(images.digest(), part);
    return part;
  }

  private void addOther(
      Dataset images,
      Map<String, Tensor> recorded,
      String prefix,
      Map<String, Tensor> ofTraining,
      @Nullable RecordedPart training) {
    Dataset.Numbering own = images.numbering();
    Dataset.Numbering trained = data.train().numbering();
    boolean setApart = own.of().equals(trained.of());
    int numbered = setApart ? trained.images() : own.images();
    if (recorded.isEmpty() && training != null && setApart && !training.augmented()) {
      parts.putIfAbsent(
          images.digest(), RecordedPart.of(ofTraining, images, numbered, file.toString()));
    } else {
      add(images, numbered, recorded, prefix);
    }
  }

  private RecordedPart first() {
    return parts.values().iterator().next();
  }

  private static Map<String, long[]> shapes(RecordedPart part) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    part.arrays()
        .forEach(
            (name, array) ->
                shapes.put(name, Arrays.copyOfRange(array.shape(), 2, array.shape().length)));
    return shapes;
  }

  /** Of the test images nothing but the logits is ever read. */
  private void requireAlike() {
    Map<String, long[]> expected = shapes(first());
    for (Map.Entry<String, RecordedPart> part : parts.entrySet()) {
      boolean tests = part.getKey().equals(data.test().digest());
      Map<String, long[]> own = shapes(part.getValue());
      for (Map.Entry<String, long[]> each : expected.entrySet()) {
        String name = each.getKey();
        boolean needed = !tests || name.equals(Activations.LOGITS);
        if (needed && !Arrays.equals(own.get(name), each.getValue())) {
          throw new WeightsException(
              "%s: '%s' must have the same shape for training and other images, but %s"
                  .formatted(
                      file, name, own.containsKey(name) ? "has not" : "is missing for some"));
        }
      }
    }
  }

  private long @Nullable [] order(@Nullable List<String> classes) {
    int logits = (int) first().array(Activations.LOGITS).size(2);
    long[] places =
        ClassOrder.places(
            file.toString(), classes == null ? List.of() : classes, logits, data.classes());
    if (places != null) {
      Tensor order = Tensors.of(places, places.length);
      parts.replaceAll((key, part) -> part.ordered(order));
    }
    return places;
  }

  private static String digest(Path file, long @Nullable [] places, Outputs outputs) {
    try {
      Sha256 all =
          new Sha256().text("recorded").text(Sha256.of(file)).text(Arrays.toString(places));
      return (outputs == Outputs.LOGITS ? all : all.text(outputs.toString())).hex();
    } catch (IOException e) {
      throw new WeightsException(file + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  @Override
  public String name() {
    return String.valueOf(file.getFileName());
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public Map<String, long[]> shapes() {
    return shapes;
  }

  @Override
  public boolean knows(Dataset images, Augmentation augmentation) {
    RecordedPart part = parts.get(images.digest());
    return part != null && part.missing() == 0 && part.augmented() == augmentation.varies();
  }

  /**
   * Checks that it can teach a study's students.
   *
   * @param augmentation of the training images
   * @param views how many views of an image there are; null for a new one each epoch
   * @param dataSeed of the augmentation; null where each run has its own
   * @throws WeightsException if outputs are missing
   * @throws IllegalArgumentException if the views are not those that were recorded
   */
  public void requireTraining(
      Augmentation augmentation, @Nullable Integer views, @Nullable Long dataSeed) {
    RecordedPart part = parts.get(data.train().digest());
    if (part == null) {
      throw new WeightsException(file + ": has no outputs of the training images (logits)");
    }
    if (part.missing() > 0) {
      int first = 0;
      while (part.rows()[first] >= 0) {
        first++;
      }
      throw new WeightsException(
          "%s: has no outputs of %s of the %s training images; the first is image %s"
              .formatted(file, part.missing(), part.rows().length, data.train().number(first)));
    }
    if (!part.augmented() && augmentation.varies()) {
      throw new IllegalArgumentException(
          file
              + " has outputs of the images as they are, and training.augmentation varies them: set"
              + " training.augmentation to {shift: 0, flip: none}, or record views");
    }
    if (part.augmented()
        && (!augmentation.varies() || dataSeed == null || views == null || views > part.views())) {
      throw new IllegalArgumentException(
          ("%s has outputs of %s views of each image: set views: %s, and dataSeed and"
                  + " training.augmentation as they were when the views were made")
              .formatted(file, part.views(), part.views()));
    }
    if (part.augmented() && dataSeed != null) {
      requireSource(augmentation, dataSeed);
    } else if (source != null
        && !source.equals(ViewSource.ofTraining(data, augmentation, 0).key())) {
      LOG.warn(
          "{} was recorded of images that differ from the study's in division, size or normalisation, or themselves, or by an older build; where pictures were renamed, added or removed since, its numbers mean other pictures: then record it anew",
          file);
    }
  }

  /** Files that say nothing of their views are taken at the study's word. */
  private void requireSource(Augmentation augmentation, long dataSeed) {
    if (source != null
        && !source.equals(ViewSource.ofTraining(data, augmentation, dataSeed).key())) {
      throw new IllegalArgumentException(
          file
              + " has outputs of views of other data, another training.augmentation or another"
              + " dataSeed than the study's");
    }
  }

  @Override
  public Activations activations(Batch batch, Set<String> taps) {
    RecordedPart part = parts.get(batch.source().dataset());
    boolean varied = batch.source().augmentation().varies();
    if (part == null || part.augmented() != varied || (varied && batch.view() >= part.views())) {
      throw new WeightsException(
          "%s: has no outputs of %s"
              .formatted(
                  file,
                  part == null
                      ? images(batch)
                      : varied
                          ? "view " + batch.view() + " of " + images(batch)
                          : images(batch) + " as they are"));
    }
    long[] rows = new long[batch.size()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = part.rows()[batch.samples()[i]];
      if (rows[i] < 0) {
        throw new WeightsException(
            file + ": has no outputs of image " + batch.samples()[i] + " of " + images(batch));
      }
    }
    try (NoGrad noGrad = NoGrad.open()) {
      Tensor places = Tensors.of(rows, rows.length);
      long view = varied ? batch.view() : 0;
      Map<String, Tensor> hidden = new LinkedHashMap<>();
      for (String tap : taps) {
        if (!tap.equals(Activations.LOGITS)) {
          hidden.put(tap, part.array(tap).select(0, view).index_select(0, places));
        }
      }
      Tensor logits = part.array(Activations.LOGITS).select(0, view).index_select(0, places);
      return new Activations(logits, hidden)
          .map(
              tensor ->
                  Tensors.toDeviceOf(tensor, batch.images()).to(batch.images().scalar_type()));
    }
  }

  /** The part that a batch is of, in words. */
  private String images(Batch batch) {
    return Stream.of(data.train(), data.validation(), data.test())
        .filter(part -> part.digest().equals(batch.source().dataset()))
        .map(part -> "the " + part.size() + " images of " + part.name())
        .findFirst()
        .orElse("images of other data");
  }
}
