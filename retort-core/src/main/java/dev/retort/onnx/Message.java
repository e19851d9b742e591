package dev.retort.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.nio.charset.StandardCharsets;

/**
 * Writes a protocol buffer's message, field by field; the same number again makes a repeated field.
 * {@link OnnxField} has those of ONNX.
 */
public final class Message {
  private final UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();

  /** An integer, a boolean or an enumeration's number. */
  public Message number(int field, long value) {
    return add(field, Field.newBuilder().addVarint(value));
  }

  /** A 64-bit float. */
  public Message real64(int field, double value) {
    return add(field, Field.newBuilder().addFixed64(Double.doubleToRawLongBits(value)));
  }

  /** A 32-bit float. */
  public Message real(int field, float value) {
    return add(field, Field.newBuilder().addFixed32(Float.floatToRawIntBits(value)));
  }

  /** A text. */
  public Message text(int field, String value) {
    return bytes(field, ByteString.copyFrom(value, StandardCharsets.UTF_8));
  }

  /** Raw bytes. */
  public Message bytes(int field, ByteString value) {
    return add(field, Field.newBuilder().addLengthDelimited(value));
  }

  /** A message inside this one. */
  public Message message(int field, Message value) {
    return bytes(field, value.toBytes());
  }

  private Message add(int field, Field.Builder value) {
    fields.mergeField(field, value.build());
    return this;
  }

  /** The message in wire format. */
  public ByteString toBytes() {
    return fields.build().toByteString();
  }
}
