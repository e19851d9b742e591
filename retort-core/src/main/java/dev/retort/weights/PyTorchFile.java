package dev.retort.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What PyTorch's {@code torch.save} writes ({@code .pth}, {@code .pt}), as far as it is a state
 * dictionary, alone or in a checkpoint, as {@link StateFile} says. Nothing of it is ever executed:
 * see {@link StateUnpickler}.
 */
abstract class PyTorchFile {
  private static final Logger LOG = LoggerFactory.getLogger(PyTorchFile.class);

  /** Where a checkpoint has the state dictionary, most usual first. */
  private static final List<String> NESTED =
      List.of("state_dict", "model", "model_state_dict", "net", "network");

  final Path file;

  PyTorchFile(Path file) {
    this.file = file;
  }

  /** What was pickled. */
  abstract @Nullable Object root() throws IOException;

  /** The numbers of these storages by key, one row each, and of no others. */
  abstract Map<String, Tensor> storages(Collection<PickledTensor.Storage> wanted)
      throws IOException;

  /**
   * The tensors of the state dictionary by name, in its order.
   *
   * @throws WeightsException if there is none, or a tensor is not within its storage
   */
  final Map<String, Tensor> read() throws IOException {
    Map<String, PickledTensor> pickled = tensorsOf(root());
    Map<String, PickledTensor.Storage> wanted = new LinkedHashMap<>();
    pickled.forEach(
        (name, tensor) -> {
          String fault = tensor.fault();
          wanted.put(tensor.storage().key(), tensor.storage());
          if (fault != null) {
            throw new WeightsException(file + ": tensor '" + name + "' " + fault);
          }
        });
    Map<String, Tensor> storages = storages(wanted.values());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    pickled.forEach(
        (name, tensor) -> {
          Tensor storage = Objects.requireNonNull(storages.get(tensor.storage().key()));
          LongOptional offset = new LongOptional(tensor.offset());
          tensors.put(name, storage.as_strided(tensor.shape(), tensor.stride(), offset));
        });
    return tensors;
  }

  private Map<String, PickledTensor> tensorsOf(@Nullable Object root) {
    if (root instanceof Map<?, ?> checkpoint) {
      for (String key : NESTED) {
        if (checkpoint.get(key) instanceof Map<?, ?> nested && hasTensors(nested)) {
          warnOfOthers(checkpoint, key);
          return named(nested, key + ": ");
        }
      }
      if (hasTensors(checkpoint)) {
        return named(checkpoint, "");
      }
      Set<String> keys = new TreeSet<>();
      checkpoint.keySet().forEach(key -> keys.add(String.valueOf(key)));
      throw new WeightsException(
          "%s: holds no state dictionary, neither as a whole nor under %s: it has %s"
              .formatted(file, NESTED, keys));
    }
    throw new WeightsException(file + ": holds no state dictionary");
  }

  /** Such as an average of the weights, which may be what was evaluated. */
  private void warnOfOthers(Map<?, ?> checkpoint, String taken) {
    Set<String> others = new TreeSet<>();
    checkpoint.forEach(
        (key, value) -> {
          if (!taken.equals(key) && value instanceof Map<?, ?> other && hasTensors(other)) {
            others.add(String.valueOf(key));
          }
        });
    if (!others.isEmpty()) {
      LOG.warn(
          "{}: {} is taken, and {} left out; save the one that you want alone",
          file,
          taken,
          String.join(", ", others));
    }
  }

  private static boolean hasTensors(Map<?, ?> dictionary) {
    return dictionary.values().stream().anyMatch(PickledTensor.class::isInstance);
  }

  private Map<String, PickledTensor> named(Map<?, ?> dictionary, String where) {
    Map<String, PickledTensor> tensors = new LinkedHashMap<>();
    dictionary.forEach(
        (key, value) -> {
          if (!(key instanceof String name) || !(value instanceof PickledTensor tensor)) {
            throw new WeightsException(
                file + ": " + where + "the state dictionary's entry '" + key + "' is no tensor");
          }
          tensors.put(name, tensor);
        });
    return tensors;
  }
}
