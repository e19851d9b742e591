package dev.retort.data.batch;

import dev.retort.data.DataException;
import dev.retort.engine.ParallelLoop;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** Fills a ring of buffers on a thread of its own, ahead of the consumer who iterates over them. */
final class BatchProducer implements Iterator<Batch>, AutoCloseable {
  /** One with the consumer, one ready, one being filled. */
  static final int RING = 3;

  private final List<BatchBuffer> buffers;
  private final int batches;
  private final Thread thread;

  /** Both have room for every buffer and one more, so that putting never waits. */
  private final BlockingQueue<BatchBuffer> free = new ArrayBlockingQueue<>(RING + 1);

  private final BlockingQueue<Filled> ready = new ArrayBlockingQueue<>(RING + 1);
  private @Nullable BatchBuffer handedOut;
  private int next;
  private volatile boolean stopped;

  /** Why there are no more buffers. */
  private volatile @Nullable Throwable failure;

  /** A buffer; none after a failure. */
  private record Filled(@Nullable BatchBuffer buffer) {
    /** Made before the memory is full. */
    static final Filled NONE = new Filled(null);
  }

  /**
   * @param filler fills a buffer with batch number b of an epoch
   */
  BatchProducer(
      List<BatchBuffer> buffers, int batches, int first, ObjIntConsumer<BatchBuffer> filler) {
    this.buffers = buffers;
    this.batches = batches;
    this.next = first;
    free.addAll(buffers);
    thread = new Thread(() -> produce(first, filler), "retort-batches");
    thread.setDaemon(true);
    thread.start();
  }

  private void produce(int first, ObjIntConsumer<BatchBuffer> filler) {
    try {
      for (int batch = first; batch < batches; batch++) {
        BatchBuffer buffer = free.take();
        if (stopped) {
          return;
        }
        filler.accept(buffer, batch);
        ready.add(new Filled(buffer));
      }
    } catch (Throwable e) {
      failure = e;
      ready.add(Filled.NONE);
    }
  }

  @Override
  public boolean hasNext() {
    return next < batches;
  }

  /**
   * @throws DataException or whatever else filling the batch threw
   * @throws CancellationException if the thread is interrupted while it waits
   */
  @Override
  public Batch next() {
    if (!hasNext() || stopped) {
      throw new NoSuchElementException();
    }
    if (handedOut != null) {
      free.add(handedOut);
      handedOut = null;
    }
    Filled filled;
    try {
      filled = ready.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for a batch");
    }
    next++;
    if (filled.buffer() == null) {
      next = batches;
      throw ParallelLoop.propagated(failure);
    }
    handedOut = filled.buffer();
    return filled.buffer().batch();
  }

  /**
   * Stops the thread and waits for it. It is not interrupted: that would close a file channel that
   * a data set reads from.
   */
  @Override
  public void close() {
    stopped = true;
    free.add(buffers.get(0)); // wakes it, if it waits for a free one
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
