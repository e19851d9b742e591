package dev.retort.teacher;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.teacher.TeacherView.Channels;
import dev.retort.weights.WeightsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The usual views of a model's images: by the statistics that it gets, the data's, ImageNet's, and
 * as 0 … 1, −1 … 1 and 0 … 255, also less ImageNet's mean, each in both orders of the colours; and
 * the size of the data where another was given.
 */
final class ViewCandidates {
  /**
   * One view of a model.
   *
   * @param keys that have to be written for it, beside those that are
   * @param plain whether it has the size and the order of colours that the model gets
   */
  record Candidate(String name, ExternalTeacher teacher, Map<String, Object> keys, boolean plain) {}

  private static final Map<String, ChannelStatistics> USUAL = usual();

  private ViewCandidates() {}

  private static Map<String, ChannelStatistics> usual() {
    Map<String, ChannelStatistics> usual = new LinkedHashMap<>();
    usual.put(
        "ImageNet's",
        new ChannelStatistics(
            new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f}));
    usual.put("0 … 1", grey(0, 1));
    usual.put("−1 … 1", grey(0.5f, 0.5f));
    usual.put("0 … 255", grey(0, 1 / 255f));
    usual.put(
        "0 … 255 less ImageNet's mean", // as Caffe has it, in BGR
        new ChannelStatistics(
            new float[] {123.68f / 255, 116.779f / 255, 103.939f / 255},
            new float[] {1 / 255f, 1 / 255f, 1 / 255f}));
    return usual;
  }

  private static ChannelStatistics grey(float mean, float deviation) {
    return new ChannelStatistics(new float[] {mean}, new float[] {deviation});
  }

  /**
   * The view that a model gets first, then the others.
   *
   * @param teacher in the view that it gets
   * @param view the same as it was given
   * @param own the name of the statistics that it gets
   * @param unsized opens the model in a view that leaves the size to the data
   * @param most how many images a model is applied to at once
   */
  static List<Candidate> of(
      ExternalTeacher teacher,
      TeacherView view,
      String own,
      Function<TeacherView, ExternalTeacher> unsized,
      Splits data,
      int most) {
    ExternalImages gets = teacher.images();
    List<Candidate> candidates = new ArrayList<>();
    candidates.add(new Candidate(own, teacher.seeing(view, data, most), Map.of(), true));
    Set<String> seen = new HashSet<>(Set.of(gets.toString()));
    for (Channels order : orders(gets, data)) {
      boolean plain = order == gets.channels();
      statistics(gets, data, own)
          .forEach(
              (name, inRgb) -> {
                ChannelStatistics wanted =
                    inRgb == null ? null : ExternalImages.inOrder(order, inRgb);
                TeacherView other = view.withStatistics(wanted).withChannels(order);
                ExternalTeacher changed = teacher.seeing(other, data, most);
                if (seen.add(changed.images().toString())) {
                  candidates.add(
                      new Candidate(
                          plain ? name : name + ", " + order,
                          changed,
                          keys(wanted, plain ? null : order),
                          plain));
                }
              });
    }
    ImageShape images = data.inputShape();
    boolean sameSize =
        gets.shape().height() == images.height() && gets.shape().width() == images.width();
    if (view.size() != null && !sameSize) {
      try {
        ExternalTeacher changed = unsized.apply(view.withoutSize());
        if (seen.add(changed.images().toString())) {
          Map<String, Object> keys = new LinkedHashMap<>();
          keys.put("size", "null");
          String name = "%s, size %dx%d".formatted(own, images.height(), images.width());
          candidates.add(
              new Candidate(name, changed.seeing(view.withoutSize(), data, most), keys, false));
        }
      } catch (WeightsException | IllegalArgumentException e) {
        // It does not read images of the data's size, which is then no candidate.
      }
    }
    return candidates;
  }

  /** That in which the model gets them first. */
  private static List<Channels> orders(ExternalImages gets, Splits data) {
    if (gets.shape().channels() != 3 || data.inputShape().channels() != 3) {
      return List.of(gets.channels());
    }
    return gets.channels() == Channels.RGB
        ? List.of(Channels.RGB, Channels.BGR)
        : List.of(Channels.BGR, Channels.RGB);
  }

  /** By name, of red, green and blue; one null where the model reads bytes. */
  private static Map<String, @Nullable ChannelStatistics> statistics(
      ExternalImages gets, Splits data, String own) {
    Map<String, @Nullable ChannelStatistics> statistics = new LinkedHashMap<>();
    ChannelStatistics wanted = gets.wanted();
    if (wanted == null) {
      statistics.put(own, null);
      return statistics;
    }
    int channels = gets.shape().channels();
    statistics.put(own, ExternalImages.inOrder(gets.channels(), wanted));
    statistics.put("the data's", ExternalImages.widened(data.statistics(), channels));
    USUAL.forEach(
        (name, usual) -> {
          int length = usual.mean().length;
          if (length == 1 || length == channels) {
            statistics.putIfAbsent(name, ExternalImages.widened(usual, channels));
          }
        });
    return statistics;
  }

  private static Map<String, Object> keys(
      @Nullable ChannelStatistics wanted, @Nullable Channels order) {
    Map<String, Object> keys = new LinkedHashMap<>();
    if (wanted != null) {
      keys.put("mean", TeacherInput.decimals(wanted.mean()));
      keys.put("std", TeacherInput.decimals(wanted.standardDeviation()));
    }
    if (order != null) {
      keys.put("channels", order.toString());
    }
    return keys;
  }
}
