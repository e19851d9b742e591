package dev.retort.data.batch;

import dev.retort.data.Augmentation;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.ViewRenderer;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A data set as batches, epoch after epoch. Batch b of epoch e is a function of the {@link
 * BatchPlan}, e and b, so that a run resumes in the middle of an epoch.
 *
 * <p>A thread prepares the next batches into native buffers that are used in turn: a batch's
 * tensors are valid until the next one is asked for. One stream serves one consumer.
 */
public final class BatchStream implements AutoCloseable {
  /** Of a batch that nothing learns from: 418 x 418 pixels in colours still come by 128. */
  private static final int LARGEST_VALUES = 128 * 3 * 418 * 418;

  private final Dataset dataset;
  private final List<ViewRenderer> renderers;
  private final List<ViewRenderer> secondRenderers;
  private final BatchPlan plan;
  private final Precision precision;
  private final boolean shuffled;
  private final int batches;
  private final ResizedViews resized;
  private final ResizedViews secondResized;
  private final List<BatchBuffer> buffers = new ArrayList<>();
  private @Nullable BatchBuffer secondBuffer;
  private @Nullable BatchProducer producer;
  private boolean closed;

  private BatchStream(
      Dataset dataset,
      ImageShape shape,
      ChannelStatistics statistics,
      BatchPlan plan,
      Augmentation ofSecondViews,
      Precision precision,
      boolean training,
      boolean shuffled) {
    this.dataset = dataset;
    this.plan = plan;
    this.precision = precision;
    this.shuffled = shuffled;
    this.renderers = renderers(dataset, shape, statistics, plan.augmentation(), plan.dataSeed());
    this.secondRenderers = renderers(dataset, shape, statistics, ofSecondViews, plan.dataSeed());
    this.resized = new ResizedViews(renderers);
    this.secondResized = new ResizedViews(secondRenderers);
    int whole = dataset.size() / plan.batchSize();
    this.batches = training || dataset.size() % plan.batchSize() == 0 ? whole : whole + 1;
    for (int i = 0; i < BatchProducer.RING; i++) {
      buffers.add(new BatchBuffer(shape, rows(), precision, resized));
    }
  }

  /** One, or where an image takes long as many as an operation has threads. */
  private static List<ViewRenderer> renderers(
      Dataset dataset,
      ImageShape shape,
      ChannelStatistics statistics,
      Augmentation augmentation,
      long dataSeed) {
    int threads = dataset.decodes() ? Engine.share() : 1;
    return IntStream.range(0, threads)
        .mapToObj(i -> new ViewRenderer(dataset, shape, statistics, augmentation, dataSeed))
        .toList();
  }

  /**
   * The batches of a training: shuffled and augmented. All have the full size; the images that are
   * left over, others in each epoch, wait for another epoch.
   *
   * @throws IllegalArgumentException if there are fewer images than a batch needs, or the
   *     augmentation does not fit their size
   */
  public static BatchStream training(
      Dataset dataset,
      ImageShape shape,
      ChannelStatistics statistics,
      BatchPlan plan,
      Precision precision) {
    plan.requireFitting(dataset, shape);
    return new BatchStream(
        dataset, shape, statistics, plan, plan.augmentation(), precision, true, true);
  }

  /**
   * All images in their order, unchanged; the last batch may be smaller. Every epoch is the same.
   *
   * @param batchSize how many images at most: large ones come by fewer
   */
  public static BatchStream evaluation(
      Dataset dataset,
      ImageShape shape,
      ChannelStatistics statistics,
      int batchSize,
      Precision precision) {
    return evaluation(
        dataset, shape, statistics, batchSize, Augmentation.NONE, precision, false, 0, 1);
  }

  /**
   * The same for one of several ranks: its part of each batch of {@code ranks · batchSize} images.
   * Of the last one it may be none.
   *
   * @param ofSecondViews how {@link #secondView} varies the images, for who compares views of one
   * @param mixed in one order that mixes the classes, so that a batch of a folder's pictures is
   *     like one of a training
   * @param rank 0 … ranks − 1
   */
  public static BatchStream evaluation(
      Dataset dataset,
      ImageShape shape,
      ChannelStatistics statistics,
      int batchSize,
      Augmentation ofSecondViews,
      Precision precision,
      boolean mixed,
      int rank,
      int ranks) {
    int fitting = Math.max(1, Math.min(batchSize, LARGEST_VALUES / shape.values()));
    BatchPlan plan = new BatchPlan(fitting * ranks, Augmentation.NONE, 0, 0, 0, rank, ranks);
    return new BatchStream(
        dataset, shape, statistics, plan, ofSecondViews, precision, false, mixed);
  }

  /**
   * One view after the other of all images in their order, for who computes what a training will
   * read: epoch v has view v. The last batch may be smaller.
   *
   * @param plan whose views are given in epochs' places: one with {@code views} 0
   */
  public static BatchStream views(
      Dataset dataset,
      ImageShape shape,
      ChannelStatistics statistics,
      BatchPlan plan,
      Precision precision) {
    return new BatchStream(
        dataset, shape, statistics, plan, plan.augmentation(), precision, false, false);
  }

  /** The number of batches in an epoch. */
  public int batches() {
    return batches;
  }

  /**
   * The batches of an epoch, from one on. Asking for an iterator ends the one before.
   *
   * @param epoch from 0
   * @param firstBatch 0 … {@link #batches()}: how many have been seen before
   */
  public Iterable<Batch> epoch(int epoch, int firstBatch) {
    if (epoch < 0 || firstBatch < 0 || firstBatch > batches) {
      throw new IllegalArgumentException(
          "no batch " + firstBatch + " in epoch " + epoch + ", it has " + batches);
    }
    return () -> start(epoch, firstBatch);
  }

  /** All batches of an evaluation. */
  public Iterable<Batch> all() {
    return epoch(0, 0);
  }

  private Iterator<Batch> start(int epoch, int firstBatch) {
    requireOpen();
    stop();
    int[] order =
        shuffled
            ? RandomSource.of(plan.seed(), "order").at(epoch).permutation(dataset.size())
            : IntStream.range(0, dataset.size()).toArray();
    long view = plan.view(epoch);
    producer =
        new BatchProducer(
            buffers, batches, firstBatch, (buffer, batch) -> fill(buffer, order, batch, view));
    return producer;
  }

  private void fill(BatchBuffer buffer, int[] order, int batch, long view) {
    int from = batch * plan.batchSize();
    int size = Math.min(plan.batchSize(), order.length - from);
    int first = from + size * plan.rank() / plan.ranks();
    int last = from + size * (plan.rank() + 1) / plan.ranks();
    buffer.fill(renderers, order, first, last, view);
  }

  /**
   * The images of a batch under another view, for who compares two views of the same image. It is
   * valid until this method is called again.
   *
   * @throws IllegalStateException if this is closed
   */
  public Batch secondView(Batch batch, long view) {
    requireOpen();
    BatchBuffer buffer = secondBuffer;
    if (buffer == null) {
      buffer = new BatchBuffer(renderers.get(0).shape(), rows(), precision, secondResized);
      secondBuffer = buffer;
    }
    buffer.fill(secondRenderers, batch.samples(), 0, batch.size(), view);
    return buffer.batch();
  }

  private int rows() {
    return Math.min(plan.batchSize() / plan.ranks(), Math.max(1, dataset.size()));
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the stream of " + dataset.name() + " is closed");
    }
  }

  private void stop() {
    if (producer != null) {
      producer.close();
      producer = null;
    }
  }

  /** Ends the thread and frees the buffers. */
  @Override
  public void close() {
    closed = true;
    stop();
    buffers.forEach(BatchBuffer::close);
    if (secondBuffer != null) {
      secondBuffer.close();
    }
    resized.close();
    secondResized.close();
  }
}
