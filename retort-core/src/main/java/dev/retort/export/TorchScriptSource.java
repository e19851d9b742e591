package dev.retort.export;

import dev.retort.network.Activations;
import dev.retort.network.Graph;
import dev.retort.network.Operation;
import dev.retort.network.Operation.Reduction;
import dev.retort.network.State;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringTokenizer;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A network's computation as the source of a method {@code forward} in TorchScript. */
final class TorchScriptSource {
  /** What is a name in source. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

  private final IdentityHashMap<Tensor, String> paths = new IdentityHashMap<>();
  private final Map<String, String> variables = new HashMap<>();
  private final StringBuilder source = new StringBuilder();

  private TorchScriptSource(State state) {
    state.all().forEach((path, tensor) -> paths.put(tensor, path));
  }

  static String of(Graph computation, State state) {
    TorchScriptSource writer = new TorchScriptSource(state);
    writer.variables.put(Graph.IMAGES, Graph.IMAGES);
    writer.source.append("def forward(self, images: Tensor) -> Tensor:\n");
    for (Graph.Node node : computation.nodes()) {
      String variable = "x" + writer.variables.size();
      List<String> inputs = node.inputs().stream().map(writer::variable).toList();
      String expression = writer.expression(node.operation(), inputs);
      writer.source.append("    ").append(variable).append(" = ").append(expression).append('\n');
      writer.variables.put(node.output(), variable);
    }
    String logits = writer.variable(Activations.LOGITS);
    return writer.source.append("    return ").append(logits).append('\n').toString();
  }

  private String variable(String value) {
    return Objects.requireNonNull(variables.get(value));
  }

  private String expression(Operation operation, List<String> inputs) {
    String x = inputs.get(0);
    if (operation instanceof Operation.Convolution op) {
      return call(
          "conv2d",
          x,
          path(op.weight()),
          path(op.bias()),
          square(op.stride()),
          square(op.padding()),
          square(1),
          op.groups());
    }
    if (operation instanceof Operation.Normalization op) {
      return call(
          "batch_norm",
          x,
          path(op.weight()),
          path(op.bias()),
          path(op.runningMean()),
          path(op.runningVariance()),
          "False",
          op.momentum(),
          op.epsilon(),
          "True");
    }
    if (operation instanceof Operation.FullyConnected op) {
      return call("linear", x, path(op.weight()), path(op.bias()));
    }
    if (operation instanceof Operation.Activation activation) {
      return switch (activation) {
        case RELU -> call("relu", x);
        case RELU6 -> call("clamp", x, "0.0", "6.0");
        case GELU -> call("gelu", x);
      };
    }
    if (operation instanceof Operation.Pooling op) {
      String kernel = square(op.kernel());
      String stride = square(op.stride());
      String padding = square(op.padding());
      return op.reduction() == Reduction.MEAN
          ? call("avg_pool2d", x, kernel, stride, padding, "False", "True")
          : call("max_pool2d", x, kernel, stride, padding, square(1), "False");
    }
    if (operation instanceof Operation.GlobalPooling op) {
      return op.reduction() == Reduction.MEAN
          ? call("mean", x, "[2, 3]", "False")
          : call("flatten", call("max_pool2d", x, x + ".size()[2:]"), 1);
    }
    if (operation instanceof Operation.Addition) {
      return call("add", x, inputs.get(1));
    }
    if (operation instanceof Operation.Concatenation) {
      return call("cat", "[" + x + ", " + inputs.get(1) + "]", 1);
    }
    if (operation instanceof Operation.Channels op) {
      return call("narrow", x, 1, op.first(), op.count());
    }
    if (operation instanceof Operation.ChannelShuffle op) {
      return call("channel_shuffle", x, op.groups());
    }
    if (operation instanceof Operation.Scaling op) {
      return call("mul", x, op.factor());
    }
    throw new AssertionError("an operation without a TorchScript form: " + operation);
  }

  private static String call(String function, Object... arguments) {
    List<String> texts = Arrays.stream(arguments).map(Object::toString).toList();
    return "torch." + function + "(" + String.join(", ", texts) + ")";
  }

  private static String square(long side) {
    return "[" + side + ", " + side + "]";
  }

  /** A tensor of the state as a member of {@code self}; steps such as 0 are no names in source. */
  private String path(@Nullable Tensor tensor) {
    if (tensor == null) {
      return "None";
    }
    String path = Objects.requireNonNull(paths.get(tensor)); // by Graph.of
    String expression = "self";
    for (StringTokenizer steps = new StringTokenizer(path, "."); steps.hasMoreTokens(); ) {
      String step = steps.nextToken();
      expression =
          !NAME.matcher(step).matches()
              ? "getattr(" + expression + ", \"" + step + "\")"
              : expression + "." + step;
    }
    return expression;
  }
}
