package dev.retort.weights;

import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Stages;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A student's initial kernels, selected from a teacher of another shape.
 *
 * <p>The kernels of one size in one stage of both networks are paired by their places: the first
 * with the first, the last with the last, those between in proportion. Of a teacher's kernel {@code
 * [O, I, k, k]} the student's {@code [o, i, k, k]} gets the slices at rows ⌊jO/o⌋ and columns
 * ⌊jI/i⌋, times √(I/i), which keeps the spread of what the layer puts out. Which channels are
 * selected depends on the two widths alone, so that what one layer puts out is what the next one
 * expects, also along a residual path.
 *
 * <p>Everything else stays as it was: kernels that are wider than the teacher's, a kernel that
 * reads the image where the teacher's reads something else, normalisation, the classifier. A
 * student of the teacher's own architecture gets all of its tensors as they are.
 */
public final class KernelProjection {
  private KernelProjection() {}

  /**
   * Where a student's tensors come from.
   *
   * @param projected the student's names, each with the teacher's
   * @param left the names of the student's kernels that stay as they were, each with the reason
   */
  public record Report(Map<String, String> projected, Map<String, String> left) {
    private static final int NAMES_SHOWN = 5;

    /** One sentence with the counts and the first names. */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      text.append(projected.size()).append(" tensors from the teacher");
      if (!left.isEmpty()) {
        List<String> shown =
            left.entrySet().stream()
                .limit(NAMES_SHOWN)
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList();
        text.append(", ")
            .append(left.size())
            .append(" kernels left as they were (")
            .append(String.join("; ", shown))
            .append(left.size() > NAMES_SHOWN ? "; …)" : ")");
      }
      return text.toString();
    }
  }

  /**
   * A kernel {@code [out, in, k, k]}.
   *
   * @param readsImages whether it is the network's first, and of the images' channels: another
   *     layer may be before it
   */
  private record Kernel(String name, Tensor values, boolean readsImages) {}

  /** A stage and a kernel's size. */
  private record Place(String stage, long size) {
    @Override
    public String toString() {
      return size + "x" + size + " kernel in " + stage;
    }
  }

  /**
   * Projects a teacher's kernels into a student.
   *
   * @param teacher the teacher's tensors
   * @param teacherShapes of its representations, in the order in which they are computed
   * @throws IllegalArgumentException if nothing of the teacher fits; the student is then as it was
   */
  public static Report project(State teacher, Map<String, long[]> teacherShapes, Network student) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      State own = student.state();
      if (isAlike(teacher, own)) {
        Map<String, String> same = new LinkedHashMap<>();
        own.all()
            .forEach(
                (name, tensor) -> {
                  tensor.copy_(teacher.get(name));
                  same.put(name, name);
                });
        return new Report(same, Map.of());
      }
      long channels = student.input().channels();
      Report report =
          project(
              kernels(teacher, teacherShapes, channels),
              kernels(own, NetworkSummary.of(student).shapes(), channels));
      if (report.projected().isEmpty()) {
        throw new IllegalArgumentException(
            "no kernel of the teacher fits the network " + student.name() + ": " + report);
      }
      return report;
    }
  }

  private static boolean isAlike(State teacher, State student) {
    Map<String, Tensor> given = teacher.all();
    Map<String, Tensor> own = student.all();
    return given.keySet().equals(own.keySet())
        && own.entrySet().stream()
            .allMatch(
                entry ->
                    Arrays.equals(
                        entry.getValue().shape(),
                        Objects.requireNonNull(given.get(entry.getKey())).shape()));
  }

  /** The square kernels of each stage, in the order in which they were declared. */
  private static Map<Place, List<Kernel>> kernels(
      State state, Map<String, long[]> shapes, long imageChannels) {
    Map<Place, List<Kernel>> kernels = new LinkedHashMap<>();
    boolean isFirst = true;
    for (Map.Entry<String, Tensor> parameter : state.parameters().entrySet()) {
      String name = parameter.getKey();
      Tensor tensor = parameter.getValue();
      if (tensor.dim() != 4) {
        continue;
      }
      String stage = Stages.of(name, shapes);
      if (stage != null && tensor.size(2) == tensor.size(3)) {
        kernels
            .computeIfAbsent(new Place(stage, tensor.size(2)), key -> new ArrayList<>())
            .add(new Kernel(name, tensor, isFirst && tensor.size(1) == imageChannels));
      }
      isFirst = false;
    }
    return kernels;
  }

  private static Report project(
      Map<Place, List<Kernel>> teacher, Map<Place, List<Kernel>> student) {
    Map<String, String> projected = new LinkedHashMap<>();
    Map<String, String> left = new LinkedHashMap<>();
    student.forEach(
        (place, kernels) -> {
          List<Kernel> given = teacher.getOrDefault(place, List.of());
          for (int i = 0; i < kernels.size(); i++) {
            Kernel own = kernels.get(i);
            if (given.isEmpty()) {
              left.put(own.name(), "the teacher has no " + place);
              continue;
            }
            Kernel from = given.get(counterpart(i, kernels.size(), given.size()));
            String reason = reason(from, own);
            if (reason == null) {
              copy(from.values(), own.values());
              projected.put(own.name(), from.name());
            } else {
              left.put(own.name(), from.name() + " " + reason);
            }
          }
        });
    return new Report(projected, left);
  }

  /** First to first, last to last. */
  private static int counterpart(int place, int own, int given) {
    return own == 1 ? 0 : Math.round(place * (given - 1) / (float) (own - 1));
  }

  private static @Nullable String reason(Kernel given, Kernel own) {
    if (own.readsImages() && !given.readsImages()) {
      return "does not read the image";
    }
    Tensor from = given.values();
    if (from.size(0) < own.values().size(0) || from.size(1) < own.values().size(1)) {
      return "is narrower, " + from.size(0) + " of " + from.size(1);
    }
    return null;
  }

  private static void copy(Tensor given, Tensor own) {
    Tensor rows = selected(given, 0, own.size(0));
    Tensor slices = selected(rows, 1, own.size(1));
    own.copy_(Tensors.scaled(slices, Math.sqrt((double) given.size(1) / own.size(1))));
  }

  private static Tensor selected(Tensor given, long dimension, long count) {
    long from = given.size(dimension);
    long[] index = LongStream.range(0, count).map(j -> j * from / count).toArray();
    return given.index_select(dimension, Tensors.toDeviceOf(Tensors.of(index, count), given));
  }
}
