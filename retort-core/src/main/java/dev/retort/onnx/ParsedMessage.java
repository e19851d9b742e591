package dev.retort.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads a protocol buffer's message by the numbers of its fields ({@link OnnxField}). */
record ParsedMessage(UnknownFieldSet fields) {
  /**
   * Reads the wire format; what is inside is not read before it is asked for.
   *
   * @throws IOException if the bytes are cut off or are no message
   */
  static ParsedMessage of(ByteString bytes) throws IOException {
    CodedInputStream in = bytes.newCodedInput();
    in.enableAliasing(true); // weights are most of the bytes, and are not copied
    ParsedMessage message = new ParsedMessage(UnknownFieldSet.newBuilder().mergeFrom(in).build());
    in.checkLastTagWas(0);
    return message;
  }

  /** The messages in a repeated field. */
  List<ParsedMessage> messages(int field) throws IOException {
    List<ParsedMessage> messages = new ArrayList<>();
    for (ByteString bytes : fields.getField(field).getLengthDelimitedList()) {
      messages.add(of(bytes));
    }
    return messages;
  }

  /** The texts in a repeated field. */
  List<String> texts(int field) {
    return fields.getField(field).getLengthDelimitedList().stream()
        .map(ByteString::toStringUtf8)
        .toList();
  }

  /** The text in a field; empty if it is not there. */
  String text(int field) {
    List<String> all = texts(field);
    return all.isEmpty() ? "" : all.get(all.size() - 1);
  }

  /** The integers in a repeated field, in either of the two ways in which they are written. */
  List<Long> numbers(int field) throws IOException {
    List<Long> numbers = new ArrayList<>(fields.getField(field).getVarintList());
    for (ByteString packed : fields.getField(field).getLengthDelimitedList()) {
      CodedInputStream in = packed.newCodedInput();
      while (!in.isAtEnd()) {
        numbers.add(in.readRawVarint64());
      }
    }
    return numbers;
  }

  /** The integer in a field; 0 if it is not there. */
  long number(int field) throws IOException {
    List<Long> all = numbers(field);
    return all.isEmpty() ? 0 : all.get(all.size() - 1);
  }
}
