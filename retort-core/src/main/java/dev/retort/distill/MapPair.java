package dev.retort.distill;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Feature maps of both networks that can be compared position by position.
 *
 * @param student {@code [N, C_s, H, W]}
 * @param teacher {@code [N, C_t, H, W]}
 */
record MapPair(Tensor student, Tensor teacher) {

  /**
   * The larger map pooled to the size of the smaller one, by adaptive average pooling, as
   * RepDistiller does for attention transfer and VID.
   *
   * @param student {@code [N, C_s, H_s, W_s]}
   * @param teacher {@code [N, C_t, H_t, W_t]}
   */
  static MapPair atCommonSize(Tensor student, Tensor teacher) {
    long height = Math.min(student.size(2), teacher.size(2));
    long width = Math.min(student.size(3), teacher.size(3));
    return new MapPair(pooled(student, height, width), pooled(teacher, height, width));
  }

  private static Tensor pooled(Tensor map, long height, long width) {
    return map.size(2) == height && map.size(3) == width
        ? map
        : torch.adaptive_avg_pool2d(map, height, width);
  }
}
