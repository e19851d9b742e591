package dev.retort.engine;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Products in bfloat16 on a processor that has none: fp32 products of rounded factors, rounded
 * once. That is what the hardware does, up to the order in which it sums; LibTorch's own products
 * in software are ten times slower.
 */
public final class SoftwareBfloat16 {
  private static final boolean NO_HARDWARE = !Processor.multipliesBfloat16();

  private SoftwareBfloat16() {}

  /** Whether this thread is in a pass of {@link Precision#BF16} that the processor cannot do. */
  public static boolean isNeeded() {
    return NO_HARDWARE && torch.is_autocast_enabled(DeviceType.CPU);
  }

  /** A factor's nearest bf16 values, in fp32. */
  public static Tensor factor(Tensor factor) {
    return factor.to(ScalarType.BFloat16).to(ScalarType.Float);
  }

  /**
   * A product in bf16.
   *
   * @param product computes it in fp32 from what {@link #factor} gave
   */
  public static Tensor product(Supplier<Tensor> product) {
    boolean autocast = torch.is_autocast_enabled(DeviceType.CPU);
    torch.set_autocast_enabled(DeviceType.CPU, false);
    try {
      return product.get().to(ScalarType.BFloat16);
    } finally {
      torch.set_autocast_enabled(DeviceType.CPU, autocast);
    }
  }
}
