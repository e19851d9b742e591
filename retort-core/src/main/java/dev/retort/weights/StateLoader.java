package dev.retort.weights;

import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Copies named tensors, read from a file, into a network's own. */
public final class StateLoader {
  /**
   * A counter that files older than PyTorch 0.4.1 lack, and that others have as a fraction. Nothing
   * here depends on it.
   */
  private static final String BATCH_COUNTER = ".num_batches_tracked";

  /** What PyTorch's averages of models have beside the model: how many were averaged. */
  private static final String AVERAGED = "n_averaged";

  private StateLoader() {}

  /**
   * Loads a complete state. Numbers are converted to the network's type. What stands before every
   * name and before none of the network's, such as {@code module.} or {@code model.}, is left out,
   * so is {@code n_averaged}, and batch counters may be missing.
   *
   * @param origin the file, for messages
   * @throws WeightsException if a tensor is missing, unexpected, of another shape or kind, or not
   *     finite; the network is then as it was
   */
  public static LoadReport load(Network network, Map<String, Tensor> tensors, String origin) {
    Map<String, Tensor> named = withoutPrefix(tensors, network);
    LoadReport report = compare(network, named);
    if (!report.isComplete()) {
      throw new WeightsException(
          "%s does not fit network %s with %s classes: %s"
              .formatted(origin, network.name(), network.classes(), report));
    }
    copy(network, named, report);
    return report;
  }

  /**
   * Loads what fits and leaves the rest of the network as it is: a student that starts from a
   * network with another classifier. Nothing but the report says how much that was.
   *
   * @throws WeightsException if nothing fits
   */
  public static LoadReport loadWhatFits(
      Network network, Map<String, Tensor> tensors, String origin) {
    Map<String, Tensor> named = withoutPrefix(tensors, network);
    LoadReport report = compare(network, named);
    if (report.matched().isEmpty()) {
      throw new WeightsException(
          origin + " has nothing for network " + network.name() + ": " + report);
    }
    copy(network, named, report);
    return report;
  }

  private static LoadReport compare(Network network, Map<String, Tensor> tensors) {
    List<String> matched = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<String> unfit = new ArrayList<>();
    OptionalInt classes = OptionalInt.empty();
    Map<String, Tensor> state = network.state().all();
    for (Map.Entry<String, Tensor> each : state.entrySet()) {
      String name = each.getKey();
      Tensor own = each.getValue();
      Tensor given = tensors.get(name);
      if (name.endsWith(BATCH_COUNTER) && (given == null || given.is_floating_point())) {
        continue;
      }
      if (given == null) {
        missing.add(name);
      } else if (!Arrays.equals(own.shape(), given.shape())) {
        unfit.add(
            "%s: %s in the file, %s in the network"
                .formatted(name, Arrays.toString(given.shape()), Arrays.toString(own.shape())));
        if (differInClasses(own.shape(), given.shape(), network.classes())) {
          classes = OptionalInt.of(Math.toIntExact(given.size(0)));
        }
      } else if (own.is_floating_point() != given.is_floating_point()) {
        unfit.add(name + ": " + TensorType.of(given.scalar_type()) + " in the file");
      } else if (!isFinite(given, own.scalar_type())) {
        unfit.add(name + ": not all finite");
      } else {
        matched.add(name);
      }
    }
    List<String> unexpected =
        tensors.keySet().stream().filter(name -> !state.containsKey(name)).toList();
    return new LoadReport(network.name(), matched, missing, unexpected, unfit, classes);
  }

  /** Whether both are a classifier's matrix, of as many values but not of as many classes. */
  private static boolean differInClasses(long[] own, long[] given, int classes) {
    return own.length == 2 && given.length == 2 && own[0] == classes && own[1] == given[1];
  }

  /** In the network's type, which may hold less. */
  private static boolean isFinite(Tensor tensor, ScalarType type) {
    try (TensorScope scope = TensorScope.open()) {
      return tensor.to(type).isfinite().all().item_bool();
    }
  }

  private static void copy(Network network, Map<String, Tensor> tensors, LoadReport report) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      for (String name : report.matched()) {
        Tensor given = Objects.requireNonNull(tensors.get(name));
        network.state().get(name).copy_(given);
      }
    }
  }

  /** What data-parallel training, torch.compile and Lightning put before each name goes. */
  private static Map<String, Tensor> withoutPrefix(Map<String, Tensor> given, Network network) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(given);
    tensors.remove(AVERAGED);
    String first = tensors.keySet().stream().findFirst().orElse("");
    String prefix = first.substring(0, first.indexOf('.') + 1);
    Set<String> own = network.state().all().keySet();
    if (prefix.isEmpty()
        || !tensors.keySet().stream().allMatch(name -> name.startsWith(prefix))
        || own.stream().anyMatch(name -> name.startsWith(prefix))) {
      return tensors;
    }
    Map<String, Tensor> stripped = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> stripped.put(name.substring(prefix.length()), tensor));
    return withoutPrefix(stripped, network);
  }
}
