package dev.retort.data;

import dev.retort.data.ImageFile.Picture;
import dev.retort.engine.ParallelLoop;
import dev.retort.system.FileFailure;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What one look at every picture of a data set found. It is made on the process's share of the
 * cores.
 *
 * @param images one entry a picture
 */
record ImageInspection(List<Inspected> images) {
  /**
   * What was found of a picture.
   *
   * @param sha256 of its file; empty if the file cannot be read
   * @param problem why it cannot be used, with its place; null for a good one
   * @param sum of each channel's values, in the shape that evaluation sees
   * @param sumOfSquares of each channel's values, likewise
   */
  record Inspected(String sha256, @Nullable String problem, long[] sum, long[] sumOfSquares) {}

  /**
   * Decodes every picture.
   *
   * @param shape that each is brought to for the sums
   * @param done gets, after each picture, how many were decoded
   */
  static ImageInspection of(
      EncodedImages images, ImageShape shape, double cropShare, IntConsumer done) {
    AtomicReferenceArray<Inspected> found = new AtomicReferenceArray<>(images.size());
    AtomicInteger count = new AtomicInteger();
    ParallelLoop.run(
        images.size(),
        i -> {
          found.set(i, inspect(images, i, shape, cropShare));
          done.accept(count.incrementAndGet());
        });
    return new ImageInspection(IntStream.range(0, found.length()).mapToObj(found::get).toList());
  }

  /**
   * The same after another look at the pictures that had a problem, which may have been the disk's
   * or the network's for a moment; this itself where none had.
   */
  ImageInspection again(EncodedImages pictures, ImageShape shape, double cropShare) {
    if (problems().isEmpty()) {
      return this;
    }
    List<Inspected> current = new ArrayList<>(images);
    int[] bad =
        IntStream.range(0, images.size()).filter(i -> images.get(i).problem() != null).toArray();
    ParallelLoop.run(
        bad.length, i -> current.set(bad[i], inspect(pictures, bad[i], shape, cropShare)));
    return new ImageInspection(List.copyOf(current));
  }

  private static Inspected inspect(
      EncodedImages images, int index, ImageShape shape, double cropShare) {
    String sha256 = "";
    try {
      byte[] bytes = images.read(index);
      sha256 = Sha256.of(bytes);
      Picture whole = ImageFile.read(images.place(index), bytes);
      byte[] pixels = Resizing.fit(whole, shape, cropShare).pixels();
      int channels = shape.channels();
      long[] sum = new long[channels];
      long[] squares = new long[channels];
      ChannelStatistics.add(pixels, 0, pixels.length / channels, sum, squares);
      return new Inspected(sha256, null, sum, squares);
    } catch (DataException e) {
      return new Inspected(sha256, e.getMessage(), new long[0], new long[0]);
    } catch (IOException e) {
      String problem = images.place(index) + ": cannot be read: " + FileFailure.reason(e);
      return new Inspected(sha256, problem, new long[0], new long[0]);
    }
  }

  /** What is wrong, a sentence a picture. */
  List<String> problems() {
    return images.stream().map(Inspected::problem).filter(problem -> problem != null).toList();
  }

  /** The pictures that can be used, in their order. */
  int[] readable() {
    return IntStream.range(0, images.size()).filter(i -> images.get(i).problem() == null).toArray();
  }

  /** The digests of the files of some pictures. */
  List<String> digests(int[] indices) {
    return IntStream.of(indices).mapToObj(index -> images.get(index).sha256()).toList();
  }

  /**
   * Mean and population standard deviation of some pictures' channels.
   *
   * @param pixels of each picture
   * @throws DataException if there are none, or a channel has one value everywhere
   */
  ChannelStatistics statistics(String name, int[] indices, long pixels) {
    int channels = indices.length == 0 ? 0 : images.get(indices[0]).sum().length;
    long[] sum = new long[channels];
    long[] squares = new long[channels];
    for (int index : indices) {
      Arrays.setAll(sum, c -> sum[c] + images.get(index).sum()[c]);
      Arrays.setAll(squares, c -> squares[c] + images.get(index).sumOfSquares()[c]);
    }
    return ChannelStatistics.of(name, pixels * indices.length, sum, squares);
  }
}
