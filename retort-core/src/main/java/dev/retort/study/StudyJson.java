package dev.retort.study;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The records of a study's folder as JSON. Keys that are not known are passed over, so that an
 * older Retort reads what a newer one wrote.
 */
final class StudyJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final ObjectWriter INDENTED = MAPPER.writer(SerializationFeature.INDENT_OUTPUT);

  private StudyJson() {}

  /** JSON knows neither NaN nor infinity: what is not finite is undefined, and that is null. */
  static @Nullable Double finiteOrNull(@Nullable Double value) {
    return value == null || !Double.isFinite(value) ? null : value;
  }

  /**
   * Checks what no record is without; Jackson leaves out what a damaged key names.
   *
   * @throws IllegalArgumentException if a value is null
   */
  static void requirePresent(String keys, @Nullable Object... values) {
    if (Arrays.asList(values).contains(null)) {
      throw new IllegalArgumentException("one of its keys is missing: " + keys);
    }
  }

  /** A record on one line, without its end. */
  static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record that JSON cannot hold", e);
    }
  }

  /**
   * A record from one line.
   *
   * @throws IOException if it is not one
   */
  static <T> T parse(String line, Class<T> type) throws IOException {
    T value = MAPPER.readValue(line, type);
    if (value == null) {
      throw JsonMappingException.from((JsonParser) null, "null in place of a record");
    }
    return value;
  }

  /** Makes or replaces a file with a record on several lines. */
  static void write(Path file, Object value) {
    try {
      AtomicFile.write(file, indented(value));
    } catch (IOException e) {
      throw notWritten(file, e);
    }
  }

  /** Makes or replaces a file beside the records. */
  static void writeText(Path file, String text) {
    try {
      AtomicFile.write(file, text);
    } catch (IOException e) {
      throw notWritten(file, e);
    }
  }

  /** Deletes a file that may be missing. */
  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " could not be removed: " + FileFailure.reason(e), e);
    }
  }

  private static UncheckedIOException notWritten(Path file, IOException e) {
    return new UncheckedIOException(file + " could not be written: " + FileFailure.reason(e), e);
  }

  /** Makes such a file unless there is one, and says whether it did. */
  static boolean writeIfAbsent(Path file, Object value) {
    try {
      return AtomicFile.writeIfAbsent(file, indented(value));
    } catch (IOException e) {
      throw notWritten(file, e);
    }
  }

  private static byte[] indented(Object value) throws IOException {
    return (INDENTED.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The same of a file that may be missing. */
  static <T> Optional<T> readIfPresent(Path file, Class<T> type) {
    return Files.exists(file) ? Optional.of(read(file, type)) : Optional.empty();
  }

  /**
   * Reads a record's file.
   *
   * @throws StudyRecordException if it cannot be read or is not such a record
   */
  static <T> T read(Path file, Class<T> type) {
    try {
      return parse(Files.readString(file), type);
    } catch (JsonProcessingException e) {
      // Jackson adds advice to its caller in brackets, which is no help to a user.
      String reason =
          e.getOriginalMessage()
              .replaceFirst(" \\((?:set DeserializationConfig\\..*?|start marker at .*)\\)", "");
      throw new StudyRecordException(file + " is damaged: " + reason, e);
    } catch (CharacterCodingException e) {
      throw new StudyRecordException(file + " is damaged: it is not UTF-8", e);
    } catch (IOException e) {
      throw new StudyRecordException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }
}
