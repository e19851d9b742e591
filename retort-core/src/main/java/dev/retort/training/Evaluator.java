package dev.retort.training;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.teacher.Teacher;
import dev.retort.weights.WeightsException;
import java.util.Arrays;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Classifies every image of a data set once, in order, without augmentation. */
public final class Evaluator implements AutoCloseable {
  /** The decision of logits that are not finite. */
  private static final int NONE = -1;

  /** With the bundled teacher, 500 take a gigabyte of memory more, and no less time. */
  private static final int LARGEST_BATCH = 128;

  private final BatchStream images;
  private final int size;
  private final Precision precision;
  private final Device device;
  private final StopRequest stop;
  private final Collective ranks;

  /**
   * An evaluator of one data set, for any number of networks one after the other.
   *
   * @param dataset whose images are classified
   * @param splits that the data set belongs to: the images' shape, and the statistics by which they
   *     are normalised, which must be those that the networks learnt with ({@link
   *     dev.retort.weights.ModelInfo#statistics})
   * @param device where the networks' states are, and the images are taken to
   */
  public Evaluator(Dataset dataset, Splits splits, Precision precision, Device device) {
    this(dataset, splits, precision, device, new StopRequest(), SingleProcess.INSTANCE);
  }

  /**
   * The same, for a process that may be asked to stop, or shares the images with others.
   *
   * @param stop looked at before each batch: an evaluation then ends with a {@link
   *     StoppedException}
   * @param ranks of which each classifies a part, and learns the decisions of all
   */
  public Evaluator(
      Dataset dataset,
      Splits splits,
      Precision precision,
      Device device,
      StopRequest stop,
      Collective ranks) {
    this(dataset, splits, Augmentation.NONE, false, precision, device, stop, ranks);
  }

  /**
   * The same, where who looks on compares the images with views of them, or with each other.
   *
   * @param ofSecondViews how {@link #secondView} varies them
   * @param mixed not in their order, so that a batch has all classes
   */
  Evaluator(
      Dataset dataset,
      Splits splits,
      Augmentation ofSecondViews,
      boolean mixed,
      Precision precision,
      Device device,
      StopRequest stop,
      Collective ranks) {
    this.images =
        BatchStream.evaluation(
            dataset,
            splits.inputShape(),
            splits.statistics(),
            LARGEST_BATCH,
            ofSecondViews,
            precision,
            mixed,
            ranks.rank(),
            ranks.ranks());
    this.ranks = ranks;
    this.size = dataset.size();
    this.precision = precision;
    this.device = device;
    this.stop = stop;
  }

  /** The images of a batch under another view, the same one each time. */
  Batch secondView(Batch batch) {
    return images.secondView(batch, 0).on(device);
  }

  /**
   * The network's decisions.
   *
   * @throws DivergedException as the other one does
   */
  public Evaluation evaluate(Network network) {
    return evaluate(network, Set.of(), (batch, activations) -> {});
  }

  /**
   * The network's decisions, and a look at each batch on the way.
   *
   * @param taps the names of the representations that {@code look} reads beside the logits
   * @param look what is called for each batch with its activations, without gradient; they are
   *     freed when it returns
   * @throws DivergedException if the logits of an image are not finite, whose batch {@code look} is
   *     not shown
   */
  public Evaluation evaluate(
      Network network, Set<String> taps, BiConsumer<Batch, Activations> look) {
    Function<Tensor, Activations> forward =
        ForwardPass.evaluation(network, taps, precision, device);
    return classify(
        network.name(), batch -> forward.apply(batch.images()), look, DivergedException::new);
  }

  /** A teacher's decisions. */
  public Evaluation evaluate(Teacher teacher) {
    return evaluate(teacher, (batch, activations) -> {});
  }

  /**
   * A teacher's decisions, and a look at each batch on the way.
   *
   * @param look what is called for each batch with its logits; they are freed when it returns
   * @throws WeightsException if the logits of an image are not finite, whose batch {@code look} is
   *     not shown
   */
  public Evaluation evaluate(Teacher teacher, BiConsumer<Batch, Activations> look) {
    return classify(
        teacher.name(), batch -> teacher.activations(batch, Set.of()), look, WeightsException::new);
  }

  private Evaluation classify(
      String model,
      Function<Batch, Activations> classifier,
      BiConsumer<Batch, Activations> look,
      Function<String, RuntimeException> notFinite) {
    int[] decisions = new int[size];
    int[] labels = new int[size];
    long start = System.nanoTime();
    for (Batch prepared : images.all()) {
      if (ranks.ranks() > 1 && ranks.any(stop.isWished())) {
        stop.agree();
      }
      stop.throwIfRequested();
      if (prepared.size() == 0) {
        continue;
      }
      try (TensorScope scope = TensorScope.open();
          NoGrad noGrad = NoGrad.open()) {
        Batch batch = prepared.on(device);
        Activations activations = classifier.apply(batch);
        Tensor logits = activations.logits();
        Tensor decided = logits.argmax(new LongOptional(1), false);
        Tensor finite = logits.isfinite().all(1);
        long[] best = Tensors.toLongs(torch.where(finite, decided, new Scalar(NONE)));
        if (Arrays.stream(best).allMatch(decision -> decision != NONE)) {
          look.accept(batch, activations);
        }
        long[] truth = Tensors.toLongs(batch.labels());
        for (int i = 0; i < best.length; i++) {
          decisions[batch.samples()[i]] = (int) best[i];
          labels[batch.samples()[i]] = (int) truth[i];
        }
      }
    }
    share(decisions);
    share(labels);
    // On every rank, when all have come to the end.
    long without = Arrays.stream(decisions).filter(decision -> decision == NONE).count();
    if (without > 0) {
      throw notFinite.apply(
          "%s gives logits that are not finite for %d of %d images: its training diverged, or its weights are damaged"
              .formatted(model, without, size));
    }
    return new Evaluation(decisions, labels, (System.nanoTime() - start) / 1e9);
  }

  /** Each rank has classified other images, and has zeros for the rest. */
  private void share(int[] values) {
    if (ranks.ranks() == 1) {
      return;
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor all = Tensors.of(Arrays.stream(values).asLongStream().toArray(), values.length);
      ranks.sum(all);
      long[] shared = Tensors.toLongs(all);
      Arrays.setAll(values, i -> (int) shared[i]);
    }
  }

  @Override
  public void close() {
    images.close();
  }
}
