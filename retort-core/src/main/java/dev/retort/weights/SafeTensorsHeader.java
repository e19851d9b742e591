package dev.retort.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The header of a safetensors file: which tensors it holds, where, and free text about them.
 *
 * @param tensors by name, in the order of their bytes
 * @param metadata of the writer's own
 */
public record SafeTensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
  /** The key of the metadata, which is no tensor's name. */
  static final String METADATA = "__metadata__";

  /** No header is longer, by the format. */
  static final int MAXIMUM_BYTES = 100_000_000;

  /**
   * Where a tensor lies.
   *
   * @param type of its numbers
   * @param shape empty for a single number
   * @param begin its first byte, counted from the end of the header
   * @param end the byte after its last
   */
  public record Entry(TensorType type, long[] shape, long begin, long end) {
    /** Its size in bytes. */
    public long bytes() {
      return end - begin;
    }
  }

  public SafeTensorsHeader {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * The header of a new file with tensors of these types and shapes: laid out without gaps as the
   * reference writer does, wider types first, then by name.
   *
   * @param tensors whose offsets are ignored
   */
  static SafeTensorsHeader layOut(Map<String, Entry> tensors, Map<String, String> metadata) {
    List<Map.Entry<String, Entry>> order = new ArrayList<>(tensors.entrySet());
    order.sort(
        Comparator.comparing((Map.Entry<String, Entry> each) -> each.getValue().type())
            .reversed()
            .thenComparing(
                each -> each.getKey().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
    Map<String, Entry> placed = new LinkedHashMap<>();
    long offset = 0;
    for (Map.Entry<String, Entry> each : order) {
      Entry entry = each.getValue();
      long end = offset + entry.bytes();
      placed.put(each.getKey(), new Entry(entry.type(), entry.shape(), offset, end));
      offset = end;
    }
    return new SafeTensorsHeader(placed, new TreeMap<>(metadata));
  }

  /**
   * The header's JSON, padded with spaces so that the tensors after it are aligned to 8 bytes.
   *
   * @throws IllegalArgumentException if it is longer than the format allows
   */
  byte[] json() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> each : metadata.entrySet()) {
          json.writeStringField(each.getKey(), each.getValue());
        }
        json.writeEndObject();
      }
      for (Map.Entry<String, Entry> each : tensors.entrySet()) {
        Entry entry = each.getValue();
        json.writeObjectFieldStart(each.getKey());
        json.writeStringField("dtype", entry.type().name());
        json.writeFieldName("shape");
        json.writeArray(entry.shape(), 0, entry.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {entry.begin(), entry.end()}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the header of a safetensors file", e);
    }
    while (bytes.size() % Long.BYTES != 0) {
      bytes.write(' ');
    }
    if (bytes.size() > MAXIMUM_BYTES) {
      throw new IllegalArgumentException(
          "names and metadata take %s bytes, and a safetensors header at most %s"
              .formatted(bytes.size(), MAXIMUM_BYTES));
    }
    return bytes.toByteArray();
  }
}
