package dev.retort.teacher;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.teacher.TeacherView.Channels;
import dev.retort.teacher.TeacherView.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a model whose file does not say everything sees the images of given data, and what of that
 * nobody has said.
 *
 * @param images the shape of the data's images: channels, height, width
 * @param input the shape of the same images as the model reads them
 * @param detailed true where that shape is larger and they are rendered at it from pictures; null
 *     where they are not
 * @param layout the order of its input's dimensions
 * @param channels the order of the colours
 * @param mean of each channel on the scale 0 … 1, subtracted; null where it reads bytes
 * @param std of each channel on the scale 0 … 1, divided by; null where it reads bytes
 * @param assumed those of the keys {@code mean}, {@code std}, {@code size} and {@code classes} that
 *     neither the caller nor the model's file gives: the data's own stand in for them
 */
public record TeacherInput(
    ImageShape images,
    ImageShape input,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean detailed,
    Layout layout,
    Channels channels,
    @Nullable List<Double> mean,
    @Nullable List<Double> std,
    List<String> assumed) {
  private static final Logger LOG = LoggerFactory.getLogger(TeacherInput.class);

  public TeacherInput {
    assumed = List.copyOf(assumed);
  }

  /** Of a model that was opened in a view. */
  static TeacherInput of(ExternalTeacher teacher, TeacherView view, Splits data) {
    ExternalImages seen = teacher.images();
    ChannelStatistics wanted = seen.wanted();
    boolean normalised = view.statistics() != null || teacher.model().statistics() != null;
    boolean named = view.classes() != null || !teacher.model().classes().isEmpty();
    return new TeacherInput(
        data.inputShape(),
        seen.shape(),
        seen.rendered() == null ? null : true,
        seen.layout(),
        seen.channels(),
        wanted == null ? null : decimals(wanted.mean()),
        wanted == null ? null : decimals(wanted.standardDeviation()),
        assumed(
            wanted == null || normalised,
            teacher.model().input().saysSize() || view.size() != null,
            named));
  }

  /** Of a network whose file holds numbers only, and that is built for the data. */
  static TeacherInput ofState(Splits data, TeacherView view) {
    ChannelStatistics statistics =
        view.statistics() == null ? data.statistics() : view.statistics();
    ImageShape input = ModelSource.StateOf.shape(view, data);
    return new TeacherInput(
        data.inputShape(),
        input,
        ExternalImages.hasMoreDetail(input, data) ? true : null,
        view.layout(),
        view.channels() == null ? Channels.RGB : view.channels(),
        decimals(statistics.mean()),
        decimals(statistics.standardDeviation()),
        assumed(view.statistics() != null, view.size() != null, view.classes() != null));
  }

  private static List<String> assumed(boolean normalised, boolean sized, boolean named) {
    List<String> assumed = new ArrayList<>();
    if (!normalised) {
      assumed.addAll(List.of("mean", "std"));
    }
    if (!sized) {
      assumed.add("size");
    }
    if (!named) {
      assumed.add("classes");
    }
    return assumed;
  }

  /** The shortest decimals that are the same floats. */
  static List<Double> decimals(float[] values) {
    List<Double> decimals = new ArrayList<>();
    for (float value : values) {
      decimals.add(Double.valueOf(Float.toString(value)));
    }
    return List.copyOf(decimals);
  }

  /**
   * Warns of what was assumed, and of images that are enlarged.
   *
   * @param model what the caller calls it
   */
  void say(String model) {
    Stream.of(assumption(model), enlargement(model), distortion(model))
        .filter(Objects::nonNull)
        .forEach(LOG::warn);
  }

  /**
   * What was assumed, in one sentence; null where everything was given.
   *
   * @param model what the caller calls it
   */
  @Nullable String assumption(String model) {
    if (assumed.isEmpty()) {
      return null;
    }
    List<String> values = new ArrayList<>();
    if (assumed.contains("mean")) {
      values.add("mean %s, std %s".formatted(mean, std));
    }
    if (assumed.contains("size")) {
      values.add(images.toString());
    }
    if (assumed.contains("classes")) {
      values.add("the classes in their order");
    }
    return "%s: neither its file nor the configuration gives its %s, so the data's own are assumed: %s"
        .formatted(model, listed(assumed), String.join("; ", values));
  }

  private static String listed(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? words.get(0)
        : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
  }

  /** That images get other proportions for it, in one sentence; null where they do not. */
  @Nullable String distortion(String model) {
    return (long) input.height() * images.width() == (long) input.width() * images.height()
        ? null
        : "%s: it reads images of %s, and the data's are %s: they are squeezed for it; a size of the same proportions (data.size, or --size) cuts out the middle instead"
            .formatted(model, input, images);
  }

  /** That images are enlarged for it, in one sentence; null where they are not. */
  @Nullable String enlargement(String model) {
    return detailed != null
            || (input.height() <= images.height() && input.width() <= images.width())
        ? null
        : "%s: it reads images of %s, and the data's are %s: they are enlarged for it, and what lies between their pixels is made up"
            .formatted(model, input, images);
  }
}
