package dev.retort.teacher;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.engine.TensorScope;
import dev.retort.teacher.TeacherView.Layout;
import dev.retort.weights.WeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What an ONNX or TorchScript file consists of.
 *
 * @param name the file's name
 * @param input the shape of an image as it reads it, in its own layout
 * @param images the same as a shape of images, or the shape of the squares that the file cuts out
 * @param saysSize whether all of that is the file's own
 * @param bytes whether it reads the pixels themselves
 * @param statistics by which its images are normalised; null if neither file nor view says it
 * @param classes in the order of its logits; empty if neither says them
 * @param parameters the number of its parameters; null if it is not known
 * @param macs multiply-accumulates for one image; null where layers are not seen
 * @param layers that may be tapped, in the order in which they compute
 * @param neurons of each hidden layer, in order; empty where layers are not seen
 * @param provenance where it comes from; empty if it does not say
 */
public record ExternalSummary(
    String name,
    long[] input,
    ImageShape images,
    boolean saysSize,
    boolean bytes,
    @Nullable ChannelStatistics statistics,
    List<String> classes,
    @Nullable Long parameters,
    @Nullable Long macs,
    List<ModelLayer> layers,
    List<Long> neurons,
    Map<String, String> provenance) {
  /**
   * Runs the model once, on blank images.
   *
   * @param view how it wants its images, where its file does not say
   * @param data the shape of images where neither says it, or to be that of those that it cuts
   *     squares out of; null if not known
   * @throws WeightsException if the file is bad, or wants its images otherwise
   * @throws IllegalArgumentException if {@code data} is needed
   */
  public static ExternalSummary of(Path file, TeacherView view, @Nullable ImageShape data) {
    ImageShape images = view.images(data);
    try (TensorScope scope = TensorScope.open();
        FrozenClassifier classifier = ExternalTeacher.classifier(file, null, Device.CPU)) {
      ImageShape middle = classifier.input().middle();
      FrozenClassifier.Input input = classifier.input().whole();
      long[] shape = input.shape().clone();
      shape[0] = shape[0] > 0 ? shape[0] : ExternalTeacher.FEW;
      boolean last = input.layout(view.layout()) == Layout.NHWC;
      fill(shape, last ? 3 : 1, images == null ? -1 : images.channels(), file);
      fill(shape, last ? 1 : 2, images == null ? -1 : images.height(), file);
      fill(shape, last ? 2 : 3, images == null ? -1 : images.width(), file);
      String name = file.toString();
      ChannelStatistics own = view.statistics();
      if (own != null) {
        ExternalImages.requireNormalised(
            name, input.type() == ScalarType.Byte, own, shape[last ? 3 : 1]);
      }
      if (middle == null && view.size() != null) {
        ExternalImages.size(name, shape[last ? 1 : 2], view.size(), view.size());
        ExternalImages.size(name, shape[last ? 2 : 3], view.size(), view.size());
      }
      Tensor blank = torch.zeros(shape, new TensorOptions(input.type()));
      List<ModelLayer> layers = classifier.layers(blank);
      ImageShape whole =
          new ImageShape(
              Math.toIntExact(shape[last ? 3 : 1]),
              Math.toIntExact(shape[last ? 1 : 2]),
              Math.toIntExact(shape[last ? 2 : 3]));
      return new ExternalSummary(
          classifier.name(),
          Arrays.copyOfRange(shape, 1, 4),
          middle == null || (images != null && images.height() == whole.height()) ? whole : middle,
          input.saysSize(),
          input.type() == ScalarType.Byte,
          own == null ? classifier.statistics() : own,
          view.classes() == null ? classifier.classes() : view.classes(),
          classifier.parameters(),
          classifier.macs(layers),
          List.copyOf(layers),
          classifier.neurons(layers),
          classifier.metadata().provenance());
    }
  }

  private static void fill(long[] shape, int dimension, int length, Path file) {
    if (shape[dimension] > 0) {
      ExternalImages.side(file.toString(), shape[dimension]);
      return;
    }
    if (length < 0) {
      throw new IllegalArgumentException(
          file + ": it leaves the size of its images free; give such images (--data DATA)");
    }
    shape[dimension] = length;
  }
}
