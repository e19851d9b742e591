package dev.retort.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.io.PrintStream;

/** Results for programs to read: a number that is not finite is null, since JSON has none. */
final class Json {
  private static final ObjectWriter WRITER =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(double.class, new FiniteOrNull())
                  .addSerializer(Double.class, new FiniteOrNull()))
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build()
          .writer();

  private Json() {}

  /** A record, map or list as JSON on several lines. */
  static String of(Object value) {
    try {
      return WRITER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result that JSON cannot hold", e);
    }
  }

  /** An array that is printed as it grows, whole also where not all of it could be computed. */
  static final class Array implements AutoCloseable {
    private final PrintStream out;
    private String before = "[ ";
    private boolean begun;

    Array(PrintStream out) {
      this.out = out;
    }

    void add(Object value) {
      out.print(before + of(value));
      before = ", ";
      begun = true;
    }

    /** Says that nothing has failed: an array without values is printed, too. */
    void finish() {
      if (!begun) {
        out.print("[");
        begun = true;
      }
    }

    @Override
    public void close() {
      if (begun) {
        out.println(" ]");
      }
    }
  }

  /** Jackson's own writes NaN as a text. */
  private static final class FiniteOrNull extends JsonSerializer<Double> {
    @Override
    public void serialize(Double value, JsonGenerator to, SerializerProvider provider)
        throws IOException {
      if (Double.isFinite(value)) {
        to.writeNumber(value);
      } else {
        to.writeNull();
      }
    }
  }
}
