package dev.retort.network;

import dev.retort.engine.Processor;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DispatchKey;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A frozen convolution in bf16 that takes what follows with it, so that its map is written once:
 * oneDNN's post-operations, by the operators of LibTorch that PyTorch's compiler calls.
 */
final class FusedConvolution {
  private static final String OPERATOR = "mkldnn::_convolution_pointwise";
  private static final int FIRST_LIST = 3;
  private static final int LAST_LIST = 8;

  private final OperatorHandle withFunction;
  private final OperatorHandle overSum;
  private final IValue weight;
  private final IValue bias;
  private final IValue padding;
  private final IValue stride;
  private final IValue dilation;
  private final IValue groups;
  private final IValue relu = new IValue("relu");
  private final IValue add = new IValue("add");
  private final IValue one = new IValue(new Scalar(1.0));
  private final IValue noNumbers;
  private final IValue noAlgorithm = new IValue("");
  private final IValue absent = new IValue();

  /**
   * What it needs beside its inputs belongs to the innermost open scope.
   *
   * @param convolution whose weights are taken in bf16
   */
  FusedConvolution(Operation.Convolution convolution) {
    Dispatcher operators = Dispatcher.singleton();
    withFunction = operators.findSchemaOrThrow(OPERATOR, "");
    overSum = operators.findSchemaOrThrow(OPERATOR + "_", "binary");
    FunctionSchema schema = withFunction.schema();
    weight = map(convolution.weight().contiguous(MemoryFormat.ChannelsLast));
    bias = convolution.bias() == null ? absent : map(convolution.bias());
    padding = list(schema, FIRST_LIST, convolution.padding(), convolution.padding());
    stride = list(schema, FIRST_LIST + 1, convolution.stride(), convolution.stride());
    dilation = list(schema, FIRST_LIST + 2, 1, 1);
    groups = new IValue(convolution.groups());
    noNumbers = list(schema, LAST_LIST);
  }

  /** Whether this build of LibTorch has the operators and this processor what they need. */
  static boolean isAvailable() {
    var operator = Dispatcher.singleton().findSchema(new OperatorName(OPERATOR, ""));
    return Processor.multipliesBfloat16()
        && operator.has_value()
        && operator.get().hasKernelForDispatchKey(DispatchKey.CPU);
  }

  /** A list of the type that the operator declares for that argument. */
  private static IValue list(FunctionSchema schema, int argument, long... values) {
    var type = schema.arguments().getPointer(argument).type().get().containedType(0);
    GenericList list = new GenericList(type);
    for (long value : values) {
      list.push_back(new IValue(value));
    }
    return new IValue(list);
  }

  /** max(convolution, 0), with the bits of one after the other. */
  Tensor rectified(Tensor input) {
    return call(
        withFunction,
        map(input),
        weight,
        bias,
        padding,
        stride,
        dilation,
        groups,
        relu,
        noNumbers,
        noAlgorithm);
  }

  /**
   * max(convolution + shortcut, 0), whose sum is rounded once, not twice.
   *
   * @param shortcut the result takes its memory, where it is in bf16
   */
  Tensor rectifiedSum(Tensor input, Tensor shortcut) {
    return call(
        overSum,
        channelsLast(shortcut),
        channelsLast(input),
        weight,
        bias,
        padding,
        stride,
        dilation,
        groups,
        add,
        one,
        relu,
        noNumbers,
        absent);
  }

  /** Of two layouts there is no sum in bf16. */
  private static IValue channelsLast(Tensor map) {
    return new IValue(map.to(ScalarType.BFloat16).contiguous(MemoryFormat.ChannelsLast));
  }

  /** The operators are not autocast's. */
  private static IValue map(Tensor input) {
    return new IValue(input.to(ScalarType.BFloat16));
  }

  private static Tensor call(OperatorHandle operator, IValue... arguments) {
    IValueVector stack = new IValueVector(arguments);
    operator.callBoxed(stack);
    // The stack owns what toTensor returns. Of images with one channel, whose layout is both, the
    // map has the other one, and the next sum would be of two layouts, for which there is no bf16.
    return new Tensor(stack.get(0).toTensor()).contiguous(MemoryFormat.ChannelsLast);
  }
}
