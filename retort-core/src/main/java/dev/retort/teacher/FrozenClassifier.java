package dev.retort.teacher;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.network.Activations;
import dev.retort.teacher.TeacherView.Layout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A classifier that learns no more, of ours or another framework's, in the runtime that runs it.
 */
interface FrozenClassifier extends AutoCloseable {
  /**
   * What it reads.
   *
   * @param shape of a batch; −1 where it is free
   * @param type of the numbers; bytes are the pixels themselves
   * @param frame of which it cuts out the middle, as large as {@code shape}, with channels last;
   *     null if it cuts nothing
   */
  record Input(long[] shape, ScalarType type, @Nullable ImageShape frame) {
    private static final int MOST_CHANNELS = 4;

    Input(long[] shape, ScalarType type) {
      this(shape, type, null);
    }

    /** For images of the frame, of which it sees the middle. */
    Input whole() {
      return frame == null
          ? this
          : new Input(new long[] {shape[0], frame.height(), frame.width(), frame.channels()}, type);
    }

    /** The images that it cuts out of its frame, if they are square; null elsewhere. */
    @Nullable ImageShape middle() {
      return frame == null || shape[1] != shape[2]
          ? null
          : new ImageShape(frame.channels(), (int) shape[1], (int) shape[2]);
    }

    /**
     * The order of its dimensions: channels are last where the last dimension can only be them.
     *
     * @param unlessShown what it is where the shape does not show it
     */
    Layout layout(Layout unlessShown) {
      return areChannels(shape[3]) && !areChannels(shape[1]) ? Layout.NHWC : unlessShown;
    }

    /** Whether channels, height and width are fixed. */
    boolean saysSize() {
      return shape[1] > 0 && shape[2] > 0 && shape[3] > 0;
    }

    private static boolean areChannels(long dimension) {
      return dimension > 0 && dimension <= MOST_CHANNELS;
    }
  }

  /** The file's name. */
  String name();

  /** SHA-256, in hexadecimal, of its files. */
  String digest();

  /** As {@link Teacher#runtime}. */
  default String runtime() {
    return "";
  }

  /** Where it computes, and reads its images best. */
  default Device device() {
    return Device.CPU;
  }

  Input input();

  /**
   * From now on it is given one image at a time: what it says of one depends on the others of its
   * batch.
   */
  default void takeOneByOne() {}

  /** What its file says of itself, as exports of Retort's do. */
  default ExportMetadata metadata() {
    return new ExportMetadata(Map.of());
  }

  /** The classes in the order of its logits; empty if it does not say. */
  default List<String> classes() {
    return metadata().classes();
  }

  /** By which its images are normalised; null if it does not say. */
  default @Nullable ChannelStatistics statistics() {
    return metadata().statistics();
  }

  /**
   * Its layers, {@code logits} last.
   *
   * @param images blank ones
   */
  List<ModelLayer> layers(Tensor images);

  /**
   * The neurons of each hidden layer, in order; empty where layers are not seen.
   *
   * @param layers as {@link #layers} gives them
   */
  default List<Long> neurons(List<ModelLayer> layers) {
    return List.of();
  }

  /**
   * Multiply-accumulates an image; null where they are not known.
   *
   * @param layers as {@link #layers} gives them
   */
  default @Nullable Long macs(List<ModelLayer> layers) {
    return ModelLayer.macs(layers);
  }

  /** The number of its parameters; null if it does not say. */
  @Nullable Long parameters();

  /** Whether it is known to give logits; else its outputs on images show what they are. */
  default boolean givesLogits() {
    return false;
  }

  /**
   * Whether what it calls logits is what a softmax at its file's end is applied to: who declares
   * probabilities then speaks of what comes behind.
   */
  default boolean isBeforeSoftmax() {
    return false;
  }

  /**
   * What it gives as logits, {@code [N, C]}, and its taps, of its own types.
   *
   * @throws IllegalArgumentException if it has no representation of a name in {@code taps}
   */
  Activations run(Tensor images, Set<String> taps);

  @Override
  void close();

  /** One row an image, where a softmax is applied to maps of one pixel, or the like. */
  static Tensor rows(Tensor value) {
    if (value.dim() <= 2 || value.numel() == 0) {
      return value;
    }
    long longest = Arrays.stream(value.shape()).skip(1).max().orElse(1);
    return value.numel() == value.size(0) * longest ? value.reshape(value.size(0), longest) : value;
  }
}
