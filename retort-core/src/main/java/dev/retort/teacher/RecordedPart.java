package dev.retort.teacher;

import dev.retort.data.Dataset;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.weights.WeightsException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A teacher's recorded outputs for the images of one part of the data.
 *
 * @param arrays {@code [V, N, …]} by representation
 * @param rows where each image of the part stands among the N; −1 where it was not recorded
 * @param augmented whether views were recorded, and not the images as they are
 */
record RecordedPart(Map<String, Tensor> arrays, int[] rows, boolean augmented) {
  static final String INDEX = "index";
  static final String SAMPLE = "sample";

  private static final long IMAGES_AT_ONCE = 256;

  /**
   * The part that certain arrays are about.
   *
   * @param recorded {@code logits} {@code [N, C]} or {@code [V, N, C]}, others alike, and perhaps
   *     {@code index} or {@code sample} {@code [N]}
   * @param images of the part
   * @param numbered how many images are numbered
   * @param where names the file, and what stands before the arrays' names
   * @throws WeightsException if they do not belong together, or to these images
   */
  static RecordedPart of(Map<String, Tensor> recorded, Dataset images, int numbered, String where) {
    Map<String, Tensor> arrays = new LinkedHashMap<>(recorded);
    Tensor index = arrays.remove(INDEX);
    Tensor sample = arrays.remove(SAMPLE);
    if (index != null && sample != null) {
      throw new WeightsException(where + ": there are both index and sample; keep one");
    }
    Tensor logits = arrays.get(Activations.LOGITS);
    if (logits == null) {
      throw new WeightsException(where + ": there is no array 'logits' among " + recorded.keySet());
    }
    boolean augmented = logits.dim() == 3;
    if (!augmented && logits.dim() != 2) {
      throw new WeightsException(
          where
              + ": logits are [images, classes] or [views, images, classes], not of shape "
              + Arrays.toString(logits.shape()));
    }
    long[] shape = augmented ? logits.shape() : logits.unsqueeze(0).shape();
    arrays.replaceAll((name, array) -> checked(name, array, shape, augmented, where));
    long[] numbers =
        index == null && sample == null
            ? null
            : numbers(index == null ? sample : index, shape[1], where);
    return new RecordedPart(arrays, rows(numbers, shape[1], images, numbered, where), augmented);
  }

  private static Tensor checked(
      String name, Tensor array, long[] logits, boolean augmented, String where) {
    Tensor views = augmented ? array : array.unsqueeze(0);
    long[] shape = views.shape();
    if (shape.length < 3 || shape[0] != logits[0] || shape[1] != logits[1] || views.numel() == 0) {
      throw new WeightsException(
          "%s: '%s' has the shape %s, and the logits are of %s%s images: it must begin likewise"
              .formatted(
                  where,
                  name,
                  Arrays.toString(array.shape()),
                  augmented ? logits[0] + " views of " : "",
                  logits[1]));
    }
    if (!array.is_floating_point()) {
      throw new WeightsException(
          "%s: '%s' holds numbers of type %s; recorded are floats of 16, 32 or 64 bits"
              .formatted(where, name, array.scalar_type()));
    }
    if (array.scalar_type().intern() == ScalarType.Double) {
      views = views.to(ScalarType.Float);
    }
    long bad = notFinite(views);
    if (bad > 0) {
      throw new WeightsException(
          where + ": " + bad + " of the numbers in '" + name + "' are infinite or not numbers");
    }
    return views;
  }

  /** Image by image of each view, since an array may take a good part of the memory. */
  private static long notFinite(Tensor views) {
    long count = 0;
    for (long view = 0; view < views.size(0); view++) {
      for (long image = 0; image < views.size(1); image += IMAGES_AT_ONCE) {
        try (TensorScope scope = TensorScope.open()) {
          long images = Math.min(IMAGES_AT_ONCE, views.size(1) - image);
          Tensor part = views.select(0, view).narrow(0, image, images);
          count += torch.isfinite(part).logical_not().sum().item_long();
        }
      }
    }
    return count;
  }

  private static long[] numbers(@Nullable Tensor index, long images, String where) {
    if (index == null || index.dim() != 1 || index.size(0) != images) {
      throw new WeightsException(
          where + ": the index must have one number for each of the " + images + " images");
    }
    if (index.is_floating_point() || index.scalar_type().intern() == ScalarType.Bool) {
      throw new WeightsException(
          where + ": the index must hold integers, not numbers of type " + index.scalar_type());
    }
    return Tensors.toLongs(index);
  }

  /** Pairs rows with images by the images' numbers among those that the data came with. */
  private static int[] rows(
      long @Nullable [] numbers, long recorded, Dataset images, int all, String where) {
    if (numbers == null && recorded != all) {
      throw new WeightsException(
          ("%s: has outputs of %s images, and the data come with %s that %s is counted among;"
                  + " say with an array 'index' of which images they are")
              .formatted(where, recorded, all, images.name()));
    }
    int[] places = new int[all];
    Arrays.fill(places, -1);
    for (int row = 0; row < recorded; row++) {
      long number = numbers == null ? row : numbers[row];
      if (number < 0 || number >= all) {
        throw new WeightsException(
            "%s: row %s is of image %s, and the images are 0 … %s"
                .formatted(where, row, number, all - 1));
      }
      if (places[(int) number] >= 0) {
        throw new WeightsException(where + ": there are two rows of image " + number);
      }
      places[(int) number] = row;
    }
    return IntStream.range(0, images.size()).map(i -> places[images.number(i)]).toArray();
  }

  /** How many views were recorded. */
  long views() {
    return array(Activations.LOGITS).size(0);
  }

  /** How many images of the part were not recorded. */
  long missing() {
    return IntStream.of(rows).filter(row -> row < 0).count();
  }

  /** The same with the logits' columns in another order. */
  RecordedPart ordered(Tensor order) {
    Map<String, Tensor> ordered = new LinkedHashMap<>(arrays);
    ordered.put(Activations.LOGITS, array(Activations.LOGITS).index_select(2, order));
    return new RecordedPart(ordered, rows, augmented);
  }

  /** One representation, {@code [V, N, …]}. */
  Tensor array(String name) {
    Tensor array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("no '" + name + "' was recorded, only " + arrays.keySet());
    }
    return array;
  }
}
