package dev.retort.teacher;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.Processor;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.onnx.OnnxModel;
import dev.retort.system.Sha256;
import dev.retort.weights.WeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model of another framework as a teacher. It sees the same augmented views as the student, each
 * brought to the form that it was trained on, of pictures at its own size where that is larger, and
 * its logits are put in the order of the data's classes. (A TorchScript program's last bits may
 * depend on the image's place in a batch: LibTorch multiplies the rows of a matrix in blocks.)
 */
public final class ExternalTeacher implements Teacher {
  private static final Logger LOG = LoggerFactory.getLogger(ExternalTeacher.class);

  /**
   * Raise it where images are brought to the model's form, or its outputs to logits, in other bits
   * than before: kept outputs are then computed anew. {@code ExternalTeacherVersionTest} pins the
   * images.
   */
  static final int VERSION = 3;

  /**
   * Where only shapes are asked for: few, since all layers of a large model at once take memory,
   * and no number that a constant of a model begins with, such as 1 or 3 channels.
   */
  static final int FEW = 5;

  private static final int LARGEST_BATCH = 4096;

  /**
   * Of the largest logit: how far those of one image may be from its own in a batch. 16-bit numbers
   * differ by less, and images that are mixed by far more.
   */
  private static final double MOST_OF_ROUNDING = 0.05;

  /** How many images show whether it gives logits or probabilities: a chunk costs the same. */
  private static final int SHOWN = 64;

  private final FrozenClassifier classifier;
  private final ExternalImages images;
  private final AppliedModel model;
  private final List<ModelLayer> layers;
  private final Map<String, long[]> shapes;
  private final @Nullable Tensor order;
  private final Outputs outputs;
  private final String digest;
  private boolean saidZeros;

  /** Opens a model on the CPU. */
  public static ExternalTeacher open(Path file, TeacherView view, Splits data) {
    return open(file, view, data, Device.CPU);
  }

  /**
   * Opens a model, which the caller closes; tensors belong to the innermost open scope.
   *
   * @param file ending in {@code .onnx} for ONNX, else TorchScript
   * @param data whose batches it will see
   * @param device where it computes, if what runs it can
   * @throws WeightsException if the file is bad, or no classifier of such images and classes
   */
  public static ExternalTeacher open(Path file, TeacherView view, Splits data, Device device) {
    List<String> classes = view.classes() == null ? data.classes() : view.classes();
    FrozenClassifier classifier = classifier(file, classes.size(), device);
    try {
      return new ExternalTeacher(classifier, view, data);
    } catch (RuntimeException | Error e) {
      classifier.close();
      throw e;
    }
  }

  /**
   * Reads a model.
   *
   * @param classes how many it tells apart; null where that is not known
   */
  static FrozenClassifier classifier(Path file, @Nullable Integer classes, Device device) {
    return OnnxModel.isNamed(file)
        ? new OnnxClassifier(file, classes, device)
        : new TorchScriptClassifier(file, classes, device);
  }

  ExternalTeacher(FrozenClassifier classifier, TeacherView view, Splits data) {
    this.classifier = classifier;
    FrozenClassifier.Input input = classifier.input();
    this.images = ExternalImages.of(classifier.name(), input, completed(view), data);
    Device device = classifier.device();
    int declared = batch(input.shape()[0]);
    boolean alone = declared == 0 && !classifier.givesLogits() && seesOthers(data, view);
    if (alone) {
      classifier.takeOneByOne();
    }
    int fixed = alone ? 1 : declared;
    this.model = new AppliedModel(classifier, images::seen, fixed, Integer.MAX_VALUE);
    try (TensorScope scope = TensorScope.open()) {
      Tensor blank = device.place(images.blank(fixed > 0 ? fixed : FEW));
      this.layers = List.copyOf(classifier.layers(blank));
    }
    Map<String, long[]> all = new LinkedHashMap<>();
    layers.forEach(layer -> all.put(layer.name(), layer.shape()));
    long[] logits = all.get(Activations.LOGITS);
    if (logits == null || logits.length != 1) {
      throw new WeightsException(
          classifier.name()
              + ": no classifier: its output is not one row of logits an image (for one number z, as of a sigmoid, export the row [0, z])");
    }
    List<String> names = view.classes() == null ? classifier.classes() : view.classes();
    long[] places = ClassOrder.places(name(), names, (int) logits[0], data.classes());
    all.put(Activations.LOGITS, new long[] {data.classes().size()});
    this.shapes = Collections.unmodifiableMap(all);
    this.order = places == null ? null : Tensors.of(places, places.length);
    this.outputs =
        classifier.givesLogits()
            ? Outputs.LOGITS
            : shown(data, view.outputs(), OutputRows.fewest((int) logits[0]));
    Sha256 parts =
        new Sha256()
            .text(classifier.digest())
            .text(images.toString())
            .text(Arrays.toString(places))
            .numbers((int) logits[0]) // which of a file's outputs they are follows from the classes
            .numbers(chunk(0))
            .version("external teacher", VERSION);
    if (device == Device.CUDA) {
      parts.text(device.name()).text(Processor.graphics().toString());
    }
    this.digest = (outputs == Outputs.LOGITS ? parts : parts.text(outputs.toString())).hex();
  }

  /** Of a model whose batches have one size; 0 where it is free. */
  private int batch(long declared) {
    if (declared > LARGEST_BATCH) {
      throw new WeightsException(
          "%s: its batches have %s images, and at most %s are allowed: export it with a free size of batch"
              .formatted(classifier.name(), declared, LARGEST_BATCH));
    }
    return (int) Math.max(0, declared);
  }

  /**
   * Whether what the model says of an image depends on the others of its batch. A program that was
   * written down while it saw one image may have taken that number for a constant, and then mix
   * images of larger batches, which are free by its file.
   *
   * @throws WeightsException if it reads neither one image nor a few
   */
  private boolean seesOthers(Splits data, TeacherView view) {
    return ofSome(
        data,
        FEW,
        some -> {
          WeightsException refused = null;
          Tensor together = null;
          try {
            together = logits(some, 0);
          } catch (WeightsException e) {
            refused = e;
          }
          Tensor single = null;
          try {
            single = logits(some, 1);
          } catch (RuntimeException e) {
            // Some read batches alone, such as those that drop each dimension of length 1.
          }
          if (refused != null) {
            if (single == null) {
              throw refused(refused, data, view);
            }
            LOG.warn(
                "{}: it reads one image, and fails on {}, so it gets one at a time, which takes longer: {}",
                name(),
                some.size(0),
                refused.getMessage());
            return true;
          }
          Tensor all = Objects.requireNonNull(together);
          if (single == null || !Arrays.equals(single.shape(), all.shape())) {
            return false;
          }
          double difference = all.sub(single).abs().max().item_double();
          boolean sees = difference > MOST_OF_ROUNDING * single.abs().max().item_double();
          if (sees) {
            LOG.warn(
                "{}: what it says of an image depends on the others of its batch, so it gets one at a time, which takes longer; its export may have taken the number of images for a constant",
                name());
          }
          return sees;
        });
  }

  /**
   * What the model gives as logits.
   *
   * @param fixed how many images it gets at once; 0 for all
   */
  private Tensor logits(Tensor some, int fixed) {
    return new AppliedModel(classifier, images::seen, fixed, FEW).run(some, Set.of()).logits();
  }

  private WeightsException refused(WeightsException failure, Splits data, TeacherView view) {
    return classifier.input().saysSize() || view.size() != null
        ? failure
        : new WeightsException(
            "%s (If their size is at fault: the file leaves it free, so images of %s were given, as the data have them; size under teacher, or in a file for --view, sets another.)"
                .formatted(failure.getMessage(), data.inputShape()),
            failure);
  }

  /** Uses some of the data's images, evenly spread over them. */
  private static <T> T ofSome(Splits data, int most, Function<Tensor, T> use) {
    Dataset some = data.some();
    int count = Math.min(most, some.size());
    int[] spread =
        IntStream.range(0, count).map(i -> (int) ((long) i * some.size() / count)).toArray();
    try (TensorScope scope = TensorScope.open();
        BatchStream stream =
            BatchStream.evaluation(
                new Subset(some.name(), some, spread),
                data.inputShape(),
                data.statistics(),
                count,
                Precision.FP32)) {
      return use.apply(stream.all().iterator().next().images());
    }
  }

  /**
   * What the model gives, as some of the data's images, evenly spread over them, show. Where they
   * are few, it is also looked at on the same images shifted sideways, so that what is found does
   * not depend on their number.
   *
   * @param fewest how many images are to be looked at
   */
  private Outputs shown(Splits data, @Nullable Outputs declared, int fewest) {
    return ofSome(
        data,
        SHOWN,
        some -> {
          Tensor images = shifted(some, fewest);
          // No more than these, where a batch would be filled up.
          AppliedModel alone =
              new AppliedModel(classifier, this.images::seen, model.fixed(), (int) images.size(0));
          Tensor given = alone.run(images, Set.of()).logits();
          boolean ofWhatComesBehind = classifier.isBeforeSoftmax() && declared != Outputs.LOGITS;
          return Outputs.of(
              Map.of(Activations.LOGITS, given), ofWhatComesBehind ? null : declared, name());
        });
  }

  private static Tensor shifted(Tensor images, int fewest) {
    int copies = Math.max(1, (fewest + (int) images.size(0) - 1) / (int) images.size(0));
    TensorVector all = new TensorVector(images);
    for (int i = 1; i < copies; i++) {
      all.push_back(images.roll(new long[] {i * images.size(3) / copies}, 3));
    }
    return torch.cat(all, 0);
  }

  /** The same model under another view, a few images at a time. */
  private ExternalTeacher(ExternalTeacher same, ExternalImages images, int most) {
    this.classifier = same.classifier;
    this.images = images;
    this.model = new AppliedModel(classifier, images::seen, same.model.fixed(), most);
    this.layers = same.layers;
    this.shapes = same.shapes;
    this.order = same.order;
    this.outputs = same.outputs;
    this.digest = "";
    this.saidZeros = true;
  }

  /**
   * The same model under another view, to be measured: without a digest, and released with this
   * one.
   *
   * @param most how many images it is applied to at once, where the model leaves that free
   * @throws WeightsException if it cannot read such images
   */
  ExternalTeacher seeing(TeacherView other, Splits data, int most) {
    ExternalImages seen =
        ExternalImages.of(classifier.name(), classifier.input(), completed(other), data);
    return new ExternalTeacher(this, seen, most);
  }

  FrozenClassifier model() {
    return classifier;
  }

  ExternalImages images() {
    return images;
  }

  /** The shape of an image as the model reads it, with the margins that it cuts off itself. */
  public ImageShape input() {
    return images.whole();
  }

  /** How many images the model is applied to at once, of a batch of so many. */
  int chunk(int batch) {
    return model.chunk(batch);
  }

  /** The view, completed by the model's own metadata. */
  private TeacherView completed(TeacherView view) {
    return view.statistics() != null ? view : view.withStatistics(classifier.statistics());
  }

  @Override
  public String name() {
    return classifier.name();
  }

  @Override
  public boolean outputsDependOnTaps() {
    return classifier instanceof OnnxClassifier;
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public String runtime() {
    return classifier.runtime();
  }

  @Override
  public Map<String, long[]> shapes() {
    return shapes;
  }

  @Override
  public @Nullable Long parameters() {
    return classifier.parameters();
  }

  @Override
  public @Nullable Long macs() {
    return classifier.macs(layers);
  }

  @Override
  public Activations activations(Batch batch, Set<String> taps) {
    try (NoGrad noGrad = NoGrad.open()) {
      ImageShape rendered = images.rendered();
      Activations whole =
          rendered == null
              ? model.run(batch.images(), taps)
              : model.run(
                  batch.size(), new RenderedRows(batch, rendered, classifier.device()), taps);
      if (!saidZeros && outputs.haveZeros(whole.logits())) {
        Outputs.warnOfZeros(whole.logits(), name());
        saidZeros = true;
      }
      Tensor logits =
          Outputs.requireFinite(outputs.logits(whole.logits()), Activations.LOGITS, name());
      if (order != null) {
        logits = logits.index_select(1, Tensors.toDeviceOf(order, logits));
      }
      return new Activations(logits, whole.hidden())
          .map(
              tensor ->
                  Tensors.toDeviceOf(tensor, batch.images()).to(batch.images().scalar_type()));
    }
  }

  @Override
  public void close() {
    classifier.close();
  }
}
