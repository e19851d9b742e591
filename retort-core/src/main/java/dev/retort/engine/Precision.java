package dev.retort.engine;

import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The number format in which a network's forward pass multiplies. Parameters, losses and
 * discriminators are not affected.
 */
public enum Precision {
  /** bfloat16 products with fp32 accumulation and fp32 master weights (autocast). */
  BF16,
  /** 32-bit floating point throughout. */
  FP32,
  /** 64-bit floating point throughout: parameters too. */
  FP64;

  /**
   * {@link #BF16} on a GPU, and on a processor that multiplies bfloat16 in hardware; else {@link
   * #FP32}. Of the GPUs, those since Ampere multiply it in hardware.
   */
  public static Precision automatic(Device device) {
    return device == Device.CUDA || Processor.multipliesBfloat16() ? BF16 : FP32;
  }

  /** The type in which parameters are stored and images arrive. */
  public ScalarType parameterType() {
    return this == FP64 ? ScalarType.Double : ScalarType.Float;
  }

  /**
   * Runs a network's forward pass in this precision. Autocast is off again, and its cache of cast
   * weights dropped, when this returns: the backward pass and every loss must not see it.
   */
  public <T> T run(Device device, Supplier<T> forward) {
    if (this != BF16) {
      return forward.get();
    }
    DeviceType type = device.type();
    torch.set_autocast_dtype(type, ScalarType.BFloat16);
    torch.set_autocast_enabled(type, true);
    try {
      return forward.get();
    } finally {
      torch.set_autocast_enabled(type, false);
      torch.clear_cache();
    }
  }
}
