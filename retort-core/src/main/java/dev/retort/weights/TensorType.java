package dev.retort.weights;

import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The types of numbers that our files hold, by their names in safetensors. In ascending order of
 * the reference writer, which puts the tensors of the last type first, so that all are aligned.
 */
public enum TensorType {
  BOOL(1, ScalarType.Bool),
  U8(1, ScalarType.Byte),
  I8(1, ScalarType.Char),
  I16(2, ScalarType.Short),
  F16(2, ScalarType.Half),
  BF16(2, ScalarType.BFloat16),
  I32(4, ScalarType.Int),
  F32(4, ScalarType.Float),
  F64(8, ScalarType.Double),
  I64(8, ScalarType.Long);

  private final int bytes;
  private final ScalarType scalarType;

  TensorType(int bytes, ScalarType scalarType) {
    this.bytes = bytes;
    this.scalarType = scalarType;
  }

  /** The size of one number in bytes. */
  int bytes() {
    return bytes;
  }

  /** The engine's name for it. */
  ScalarType scalarType() {
    return scalarType;
  }

  /**
   * The type of a tensor.
   *
   * @throws IllegalArgumentException if files cannot hold it (complex numbers, for instance)
   */
  public static TensorType of(ScalarType scalarType) {
    for (TensorType type : values()) {
      if (type.scalarType == scalarType.intern()) {
        return type;
      }
    }
    throw new IllegalArgumentException("a weights file cannot hold numbers of type " + scalarType);
  }
}
