package dev.retort.training;

import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.Collective;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Brings together what the ranks computed of their parts of a batch, for the objectives that need
 * more than their own images: two messages a step, whatever the number of representations.
 */
final class WholeBatch {
  private final Collective collective;
  private final boolean isRead;
  private final boolean isReadByAll;
  private final Set<String> studentTaps = new TreeSet<>();
  private final Set<String> teacherTaps = new TreeSet<>();
  private final boolean readsSecondView;

  WholeBatch(TrainingTask task) {
    this.collective = task.collective();
    // A mean over the labelled images alone is no mean of the ranks' means.
    this.isReadByAll = collective.ranks() > 1 && !isLabelled(task.data().train());
    List<Objective> readers =
        task.objectives().stream()
            .filter(objective -> isReadByAll || !objective.isMeanOverImages())
            .toList();
    this.isRead = collective.ranks() > 1 && !readers.isEmpty();
    readers.forEach(objective -> studentTaps.addAll(objective.studentTaps()));
    readers.forEach(objective -> teacherTaps.addAll(objective.teacherTaps()));
    studentTaps.remove(Activations.LOGITS);
    teacherTaps.remove(Activations.LOGITS);
    this.readsSecondView = readers.stream().anyMatch(Objective::readsSecondView);
  }

  private static boolean isLabelled(Dataset images) {
    return images.labelled().count() == images.size();
  }

  /** This rank's step, with the whole batch's where an objective reads that. */
  Step of(Step own) {
    if (!isRead) {
      return own.sharedBy(collective, null, false);
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    add(values, "student", studentTaps, own.student());
    add(values, "teacher", teacherTaps, own.teacherOrNull());
    add(values, "second view", teacherTaps, readsSecondView ? own.secondViewOrNull() : null);
    Map<String, Tensor> all = gathered(values);
    Step whole =
        new Step(
            gathered(own.batch()),
            activations("student", studentTaps, all, values),
            own.teacherOrNull() == null ? null : activations("teacher", teacherTaps, all, null),
            readsSecondView ? activations("second view", teacherTaps, all, null) : null,
            own.number(),
            own.progress(),
            own.random());
    return own.sharedBy(collective, whole, isReadByAll);
  }

  private static void add(
      Map<String, Tensor> values, String whose, Set<String> taps, @Nullable Activations of) {
    if (of != null) {
      values.put(whose + Activations.LOGITS, of.logits());
      taps.forEach(tap -> values.put(whose + tap, of.get(tap)));
    }
  }

  /** All in one message: an image's values side by side. */
  private Map<String, Tensor> gathered(Map<String, Tensor> values) {
    List<Tensor> columns = new ArrayList<>();
    values.values().forEach(value -> columns.add(value.detach().flatten(1, -1)));
    Tensor all = collective.gather(torch.cat(new TensorVector(columns.toArray(new Tensor[0])), 1));
    Map<String, Tensor> parts = new LinkedHashMap<>();
    long first = 0;
    for (Map.Entry<String, Tensor> value : values.entrySet()) {
      long[] shape = value.getValue().shape();
      long width = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
      shape[0] = all.size(0);
      parts.put(value.getKey(), all.narrow(1, first, width).reshape(shape));
      first += width;
    }
    return parts;
  }

  private Batch gathered(Batch own) {
    try (TensorScope scope = TensorScope.open()) {
      long[] samples = Arrays.stream(own.samples()).asLongStream().toArray();
      Tensor index = Tensors.toDeviceOf(Tensors.of(samples, samples.length), own.labels());
      Tensor both = torch.stack(new TensorVector(own.labels(), index), 1);
      Tensor all = collective.gather(both);
      int[] numbers =
          Arrays.stream(Tensors.toLongs(all.select(1, 1))).mapToInt(Math::toIntExact).toArray();
      Tensor labels = scope.keep(all.select(1, 0).contiguous());
      return new Batch(own.images(), labels, numbers, own.source(), own.view());
    }
  }

  private Activations activations(
      String whose,
      Set<String> taps,
      Map<String, Tensor> all,
      @Nullable Map<String, Tensor> differentiable) {
    Function<String, Tensor> part =
        tap -> {
          Tensor whole = of(all, whose + tap);
          return differentiable == null
              ? whole
              : collective.differentiable(of(differentiable, whose + tap), whole);
        };
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    taps.forEach(tap -> hidden.put(tap, part.apply(tap)));
    return new Activations(part.apply(Activations.LOGITS), hidden);
  }

  private static Tensor of(Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalStateException("nothing is gathered of " + name);
    }
    return tensor;
  }
}
