package dev.retort.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.retort.system.FileFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON header of a safetensors file, and believes nothing that it says. */
final class SafeTensorsHeaderReader {
  /** LibTorch's own limit for most operations. */
  private static final int MAXIMUM_DIMENSIONS = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4)
                  .maxStringLength(SafeTensorsHeader.MAXIMUM_BYTES)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final Path file;
  private final long dataBytes;
  private final JsonParser parser;
  private final Map<String, SafeTensorsHeader.Entry> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafeTensorsHeaderReader(Path file, long dataBytes, JsonParser parser) {
    this.file = file;
    this.dataBytes = dataBytes;
    this.parser = parser;
  }

  /**
   * Reads a header.
   *
   * @param file for messages
   * @param dataBytes how many bytes follow the header in the file
   * @throws WeightsException if it is not one, or its tensors do not fill the bytes after it
   *     exactly
   */
  static SafeTensorsHeader read(Path file, byte[] json, long dataBytes) {
    if (json.length == 0 || json[0] != '{') {
      throw new WeightsException(
          file + ": not a safetensors file: its header does not begin with a brace");
    }
    Reader utf8 =
        new InputStreamReader(
            new ByteArrayInputStream(json),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonParser parser = JSON.createParser(utf8)) {
      return new SafeTensorsHeaderReader(file, dataBytes, parser).header();
    } catch (CharacterCodingException e) {
      throw new WeightsException(file + ": the header is not UTF-8", e);
    } catch (JsonParseException e) {
      String message = e.getOriginalMessage();
      String what =
          message.startsWith("Duplicate field")
              ? "the header has the key %s twice"
                  .formatted(message.substring("Duplicate field ".length()))
              : "the header is not valid JSON: " + message;
      throw new WeightsException(
          file + ": " + what + " (byte " + e.getLocation().getCharOffset() + ")", e);
    } catch (JsonProcessingException e) {
      throw new WeightsException(file + ": the header is not valid: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new WeightsException(file + ": the header cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private SafeTensorsHeader header() throws IOException {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals(SafeTensorsHeader.METADATA)) {
        readMetadata();
      } else {
        tensors.put(name, entry(name));
      }
    }
    if (parser.nextToken() != null) {
      throw new WeightsException(file + ": something follows the header's closing brace");
    }
    return new SafeTensorsHeader(inOrderOfBytes(), metadata);
  }

  private void readMetadata() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new WeightsException(file + ": the header's __metadata__ is not an object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new WeightsException(file + ": the header's metadata '" + key + "' is not a string");
      }
      metadata.put(key, parser.getText());
    }
  }

  private SafeTensorsHeader.Entry entry(String name) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw bad(name, "is not described by an object");
    }
    @Nullable TensorType type = null;
    long @Nullable [] shape = null;
    long @Nullable [] offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "dtype" -> type = type(name);
        case "shape" -> shape = integers(name, "shape", MAXIMUM_DIMENSIONS);
        case "data_offsets" -> offsets = integers(name, "data_offsets", 2);
        default -> throw bad(name, "has the unknown property '" + key + "'");
      }
    }
    if (type == null || shape == null || offsets == null) {
      throw bad(name, "lacks one of dtype, shape and data_offsets");
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw bad(
          name, "has the data_offsets " + Arrays.toString(offsets) + ", not a begin and an end");
    }
    if (offsets[1] > dataBytes) {
      throw bad(
          name,
          "ends at byte %s of the data, and the file holds %s: it is truncated or damaged"
              .formatted(offsets[1], dataBytes));
    }
    long bytes = bytes(name, type, shape);
    if (offsets[1] - offsets[0] != bytes) {
      throw bad(
          name,
          "has %s bytes, and %s of shape %s takes %s"
              .formatted(offsets[1] - offsets[0], type, Arrays.toString(shape), bytes));
    }
    return new SafeTensorsHeader.Entry(type, shape, offsets[0], offsets[1]);
  }

  private TensorType type(String name) throws IOException {
    String text = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
    try {
      return TensorType.valueOf(text);
    } catch (IllegalArgumentException e) {
      throw bad(
          name,
          "has the dtype '" + text + "', which is none of " + Arrays.toString(TensorType.values()));
    }
  }

  private long[] integers(String name, String what, int atMost) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw bad(name, "has no list as " + what);
    }
    List<Long> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw bad(name, "has something else than whole numbers of at most 63 bits in its " + what);
      }
      if (values.size() == atMost) {
        throw bad(name, "has more than " + atMost + " numbers in its " + what);
      }
      values.add(parser.getLongValue());
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * The size of a tensor. A dimension of 0 counts as 1 for the overflow, since strides are computed
   * from such products too.
   */
  private long bytes(String name, TensorType type, long[] shape) {
    long product = type.bytes();
    boolean empty = false;
    try {
      for (long dimension : shape) {
        empty |= dimension == 0;
        product = Math.multiplyExact(product, Math.max(1, dimension));
      }
    } catch (ArithmeticException e) {
      throw bad(name, "has the shape " + Arrays.toString(shape) + ", whose size overflows");
    }
    return empty ? 0 : product;
  }

  private Map<String, SafeTensorsHeader.Entry> inOrderOfBytes() {
    List<Map.Entry<String, SafeTensorsHeader.Entry>> order = new ArrayList<>(tensors.entrySet());
    order.sort(
        Comparator.comparingLong(
                (Map.Entry<String, SafeTensorsHeader.Entry> each) -> each.getValue().begin())
            .thenComparingLong(each -> each.getValue().end()));
    Map<String, SafeTensorsHeader.Entry> ordered = new LinkedHashMap<>();
    long expected = 0;
    for (Map.Entry<String, SafeTensorsHeader.Entry> each : order) {
      long begin = each.getValue().begin();
      if (begin != expected) {
        throw bad(
            each.getKey(),
            "begins at byte %s of the data, where the tensor before it ends at %s%s"
                .formatted(
                    begin,
                    expected,
                    begin < expected ? ": they overlap" : ": the bytes between belong to none"));
      }
      expected = each.getValue().end();
      ordered.put(each.getKey(), each.getValue());
    }
    if (expected != dataBytes) {
      throw new WeightsException(
          file + ": " + (dataBytes - expected) + " bytes after the last tensor belong to none");
    }
    return ordered;
  }

  private WeightsException bad(String tensor, String what) {
    return new WeightsException(file + ": tensor '" + tensor + "' " + what);
  }
}
