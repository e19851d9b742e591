package dev.retort.network;

import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The named tensors of a network under construction and in use, with PyTorch's names ({@code
 * layer1.0.conv1.weight}), in the order in which they were declared. Parameters learn by gradient;
 * buffers are the rest of what a checkpoint needs. A declaration throws an {@link
 * IllegalArgumentException} if the state already has a tensor of that name.
 */
public final class State {
  private final RandomSource random;
  private ScalarType type;
  private Device device;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  /** An empty state on the CPU. */
  public State(ScalarType type, RandomSource random) {
    this(type, Device.CPU, random);
  }

  /**
   * An empty state.
   *
   * @param type of all its floating tensors
   * @param device where its tensors will be; initial values do not depend on it
   * @param random where initial values come from; each tensor's depend on its name alone
   */
  public State(ScalarType type, Device device, RandomSource random) {
    this.type = type;
    this.device = device;
    this.random = random;
  }

  /**
   * Takes all tensors to a device: a reference to one of them then refers to the moved one. It is
   * called before anything else is made of the tensors, such as their {@code FlatParameters}.
   */
  public void moveTo(Device target) {
    device = target;
    replace(tensor -> !target.holds(tensor), target::place);
  }

  /** Takes all floating tensors to another type, as {@link #moveTo} takes them to a device. */
  void convertTo(ScalarType target) {
    if (type.intern() == target.intern()) {
      return;
    }
    type = target;
    replace(Tensor::is_floating_point, tensor -> tensor.to(target));
  }

  private void replace(Predicate<Tensor> which, UnaryOperator<Tensor> replacement) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      for (Tensor tensor : all().values()) {
        if (which.test(tensor)) {
          tensor.put(replacement.apply(tensor).set_requires_grad(tensor.requires_grad()));
        }
      }
    }
  }

  /** The type of its floating tensors. */
  public ScalarType type() {
    return type;
  }

  /** The parameters by name, in order of declaration. */
  public Map<String, Tensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** The buffers by name, in order of declaration. */
  public Map<String, Tensor> buffers() {
    return Collections.unmodifiableMap(buffers);
  }

  /** Parameters and buffers by name, parameters first: what a weights file holds. */
  public Map<String, Tensor> all() {
    Map<String, Tensor> all = new LinkedHashMap<>(parameters);
    all.putAll(buffers);
    return Collections.unmodifiableMap(all);
  }

  /**
   * The parameter or buffer of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Tensor get(String name) {
    Tensor tensor = parameters.containsKey(name) ? parameters.get(name) : buffers.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the state has no tensor named " + name);
    }
    return tensor;
  }

  /** The number of values in all parameters. */
  public long parameterCount() {
    return parameters.values().stream().mapToLong(Tensor::numel).sum();
  }

  /** Declares a parameter of independent normal values with mean 0. */
  public Tensor normal(String name, double standardDeviation, long... shape) {
    return parameter(name, random.at(name).gaussian(type, standardDeviation, shape));
  }

  /** Declares a parameter of independent values uniform in [−bound, bound). */
  public Tensor uniform(String name, double bound, long... shape) {
    return parameter(name, random.at(name).symmetric(type, bound, shape));
  }

  /**
   * Declares a linear or convolutional layer's weight with PyTorch's default initial values,
   * uniform in ±1/√(inputs of one output).
   *
   * @param shape {@code [out, in]} or {@code [out, in, k, k]}
   */
  public Tensor weight(String name, long... shape) {
    return uniform(name, defaultBound(shape), shape);
  }

  /** Declares the bias {@code [out]} that belongs to such a weight, from the same interval. */
  public Tensor bias(String name, long... weightShape) {
    return uniform(name, defaultBound(weightShape), weightShape[0]);
  }

  private static double defaultBound(long... weightShape) {
    long inputs = 1;
    for (int i = 1; i < weightShape.length; i++) {
      inputs *= weightShape[i];
    }
    return 1 / Math.sqrt(inputs);
  }

  /** Declares a parameter with one value throughout. */
  public Tensor constant(String name, double value, long... shape) {
    return parameter(name, full(value, shape));
  }

  /**
   * Declares a parameter with the given initial value, which this state takes over.
   *
   * @return the parameter, which is the given tensor where that is on the state's device
   */
  public Tensor parameter(String name, Tensor value) {
    return declare(parameters, name, device.place(value).set_requires_grad(true));
  }

  /** Declares a buffer with one value throughout. */
  public Tensor buffer(String name, double value, long... shape) {
    return buffer(name, full(value, shape));
  }

  /**
   * Declares a buffer with the given initial value, which this state takes over.
   *
   * @return the buffer, which is the given tensor where that is on the state's device
   */
  public Tensor buffer(String name, Tensor value) {
    return declare(buffers, name, device.place(value));
  }

  private Tensor full(double value, long... shape) {
    return torch.full(shape, new Scalar(value), new TensorOptions(type));
  }

  private Tensor declare(Map<String, Tensor> kind, String name, Tensor value) {
    if (parameters.containsKey(name) || buffers.containsKey(name)) {
      throw new IllegalArgumentException("the state already has a tensor named " + name);
    }
    kind.put(name, value);
    return value;
  }
}
