package dev.retort.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafeTensorsTest {
  @TempDir Path folder;

  /** Made by {@code src/test/python/golden_safetensors.py}. */
  static Path golden() throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(SafeTensorsTest.class.getResource("golden/all-types.safetensors"))
            .toURI());
  }

  @Test
  void readsEveryTypeOfAnotherWriter() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      SafeTensors.Contents contents = SafeTensors.read(golden());
      Map<String, Tensor> tensors = contents.tensors();
      assertThat(contents.metadata()).isEqualTo(Map.of("format", "pt", "note", "zażółć"));
      assertThat(tensors.keySet())
          .containsExactly(
              "truth",
              "ünïcode.weight",
              "half",
              "brain",
              "double",
              "i64",
              "i32",
              "i16",
              "i8",
              "u8",
              "scalar",
              "empty")
          .hasSize(12);
      assertThat(named(tensors, "ünïcode.weight").shape()).containsExactly(2, 3);
      assertThat(Tensors.toFloats(named(tensors, "ünïcode.weight")))
          .containsExactly(0.0f, -1.5f, 3.25f, 1e-40f, Float.POSITIVE_INFINITY, 6.0f);
      assertThat(Tensors.toFloats(named(tensors, "half"))).containsExactly(0.33325195f, -65504f);
      assertThat(Tensors.toFloats(named(tensors, "brain"))).containsExactly(1.0078125f, -3f);
      assertThat(Tensors.toDoubles(named(tensors, "double"))).containsExactly(Math.PI, -2.5e-300);
      assertThat(named(tensors, "double").scalar_type().intern()).isEqualTo(ScalarType.Double);
      assertThat(Tensors.toLongs(named(tensors, "truth"))).containsExactly(1, 0, 1);
      assertThat(Tensors.toLongs(named(tensors, "i64")))
          .containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
      assertThat(Tensors.toLongs(named(tensors, "i32")))
          .containsExactly(Integer.MIN_VALUE, Integer.MAX_VALUE);
      assertThat(Tensors.toLongs(named(tensors, "i16"))).containsExactly(-32768, 32767);
      assertThat(Tensors.toLongs(named(tensors, "i8"))).containsExactly(-128, 127);
      assertThat(Tensors.toLongs(named(tensors, "u8"))).containsExactly(0, 255);
      assertThat(named(tensors, "scalar").shape()).isEmpty();
      assertThat(Tensors.toDouble(named(tensors, "scalar"))).isEqualTo(7);
      assertThat(named(tensors, "empty").shape()).containsExactly(0, 4);
      assertThat(SafeTensors.bytes(golden(), "i32"))
          .containsExactly(0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0x7f);
    }
  }

  /** The bytes were written down from the format's text and the reference writer's layout. */
  @Test
  void writesTheReferenceLayout() throws IOException {
    Path file = folder.resolve("x.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("b", Tensors.of(new float[] {1, -2}, 2));
      tensors.put("count", Tensors.of(new long[] {3}, new long[0]));
      tensors.put("a", Tensors.of(new float[] {0.5f}, 1, 1));
      tensors.put("h", Tensors.of(new float[] {1}, 1).to(ScalarType.Half));
      SafeTensors.write(file, tensors, Map.of("z", "2", "k", "\"1\""));
    }
    String header =
        "{\"__metadata__\":{\"k\":\"\\\"1\\\"\",\"z\":\"2\"},"
            + "\"count\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[8,12]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]},"
            + "\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[20,22]}}";
    while (header.length() % 8 != 0) {
      header += " ";
    }
    byte[] data = {
      3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0, 0, 0x3c
    };
    assertThat(Files.readAllBytes(file)).isEqualTo(file(header, data));
  }

  @Test
  void whatIsWrittenIsReadBackInEveryBit() throws Exception {
    Path copy = folder.resolve("copy.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      SafeTensors.Contents contents = SafeTensors.read(golden());
      SafeTensors.write(copy, contents.tensors(), contents.metadata());
      assertThat(SafeTensors.read(copy).metadata()).isEqualTo(contents.metadata());
      for (String name : contents.tensors().keySet()) {
        assertThat(SafeTensors.bytes(copy, name)).isEqualTo(SafeTensors.bytes(golden(), name));
      }
      Path again = folder.resolve("again.safetensors");
      SafeTensors.write(again, SafeTensors.read(copy).tensors(), contents.metadata());
      assertThat(Sha256.of(again)).isEqualTo(Sha256.of(copy));
    }
  }

  @Test
  void tensorsThatDoNotLieInOrderAreWrittenInOrder() {
    Path file = folder.resolve("t.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      Tensor matrix = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
      SafeTensors.write(file, Map.of("t", matrix.t()), Map.of());
      Tensor read = named(SafeTensors.read(file).tensors(), "t");
      assertThat(read.shape()).containsExactly(3, 2);
      assertThat(Tensors.toFloats(read)).containsExactly(1, 4, 2, 5, 3, 6);
    }
  }

  /** Above the size of one transfer, whose edges must not show. */
  @Test
  void largeTensorsAreTransferredInParts() {
    Path file = folder.resolve("large.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      Tensor large = RandomSource.of(1, "large").normal(ScalarType.Float, 5_000_001);
      SafeTensors.write(file, Map.of("large", large), Map.of());
      assertThat(named(SafeTensors.read(file).tensors(), "large").equal(large)).isTrue();
    }
  }

  static Stream<Arguments> malformed() {
    String one = "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    String deep = "{\"t\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
    return Stream.of(
        bad("no bytes", new byte[0], "it has only 0 bytes"),
        bad("seven bytes", new byte[7], "it has only 7 bytes"),
        bad("header over 100 MB", length(100_000_001), "would have 100000001 bytes"),
        bad("header of 2^64 - 1 bytes", length(-1), "would have 18446744073709551615 bytes"),
        bad("text", "name: a study\n".getBytes(StandardCharsets.UTF_8), "no header begins"),
        bad("header past the end", length(50), "truncated: the header ends at byte 58"),
        bad("header of no bytes", length(0), "does not begin with a brace"),
        bad("not JSON", file("not JSON", new byte[0]), "does not begin with a brace"),
        bad("JSON cut off", file("{\"t\":{", new byte[0]), "not valid JSON"),
        bad("text after JSON", file(one + "x", new byte[4]), "not valid JSON"),
        bad("second object", file(one + "{}", new byte[4]), "something follows"),
        bad("zero byte after JSON", file(one + "\0", new byte[4]), "not valid JSON"),
        bad("deep nesting", file(deep, new byte[0]), "is not described by an object"),
        bad("not UTF-8", notUtf8(), "not UTF-8"),
        bad(
            "same name twice",
            file(
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                    + "\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                new byte[8]),
            "the key 't' twice"),
        bad("same property twice", entry("'dtype':'F32','dtype':'F32'", 4), "'dtype' twice"),
        bad(
            "metadata of numbers",
            file("{\"__metadata__\":{\"a\":1}}", new byte[0]),
            "'a' is not a string"),
        bad("metadata a list", file("{\"__metadata__\":[]}", new byte[0]), "is not an object"),
        bad("tensor a number", file("{\"t\":1}", new byte[0]), "tensor 't' is not described"),
        bad(
            "unknown dtype",
            entry("'dtype':'F31','shape':[1],'data_offsets':[0,4]", 4),
            "tensor 't' has the dtype 'F31'"),
        bad(
            "dtype a number",
            entry("'dtype':32,'shape':[1],'data_offsets':[0,4]", 4),
            "tensor 't' has the dtype ''"),
        bad("no dtype", entry("'shape':[1],'data_offsets':[0,4]", 4), "tensor 't' lacks one"),
        bad("no shape", entry("'dtype':'F32','data_offsets':[0,4]", 4), "tensor 't' lacks one"),
        bad("no offsets", entry("'dtype':'F32','shape':[1]", 4), "tensor 't' lacks one"),
        bad(
            "unknown property",
            entry("'dtype':'F32','shape':[1],'data_offsets':[0,4],'stride':[1]", 4),
            "unknown property 'stride'"),
        bad(
            "negative dimension",
            entry("'dtype':'F32','shape':[-1],'data_offsets':[0,4]", 4),
            "in its shape"),
        bad(
            "fractional dimension",
            entry("'dtype':'F32','shape':[1.0],'data_offsets':[0,4]", 4),
            "in its shape"),
        bad(
            "dimension of 64 bits",
            entry("'dtype':'F32','shape':[18446744073709551615],'data_offsets':[0,4]", 4),
            "in its shape"),
        bad(
            "65 dimensions",
            entry("'dtype':'U8','shape':[1" + ",1".repeat(64) + "],'data_offsets':[0,1]", 1),
            "more than 64"),
        bad(
            "overflowing shape",
            entry("'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]", 0),
            "overflows"),
        bad(
            "overflow beside zero",
            entry("'dtype':'F32','shape':[0,4294967296,4294967296],'data_offsets':[0,0]", 0),
            "overflows"),
        bad(
            "offsets reversed",
            entry("'dtype':'F32','shape':[1],'data_offsets':[4,0]", 4),
            "not a begin and an end"),
        bad(
            "one offset",
            entry("'dtype':'F32','shape':[1],'data_offsets':[4]", 4),
            "not a begin and an end"),
        bad(
            "three offsets",
            entry("'dtype':'F32','shape':[1],'data_offsets':[0,4,8]", 4),
            "more than 2 numbers"),
        bad(
            "offset past the end",
            entry("'dtype':'F32','shape':[1],'data_offsets':[0,4]", 3),
            "truncated or damaged"),
        bad(
            "too few bytes for the shape",
            entry("'dtype':'F32','shape':[2],'data_offsets':[0,4]", 4),
            "takes 8"),
        bad(
            "hole before",
            entry("'dtype':'F32','shape':[1],'data_offsets':[4,8]", 8),
            "belong to none"),
        bad("bytes after", file(one, new byte[5]), "1 bytes after the last tensor belong to none"),
        bad(
            "overlap",
            file(
                "{\"s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                    + "\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
                new byte[12]),
            "tensor 't' begins at byte 4 of the data, where the tensor before it ends at 8: they"
                + " overlap"),
        bad(
            "truth value of 2",
            file(
                "{\"t\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                new byte[] {2}),
            "tensor 't' is BOOL"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void refusesAndNamesFileAndFault(String name, byte[] bytes, String message) throws IOException {
    Path file = folder.resolve("bad.safetensors");
    Files.write(file, bytes);
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("bad.safetensors: ")
        .hasMessageContaining(message);
  }

  @Test
  void damageIsRefusedOrReadAsAValidFile() throws Exception {
    Damage.assertIsRefusedOrWhole(
        Files.readAllBytes(golden()), folder.resolve("damaged.safetensors"), SafeTensors::read);
  }

  @Test
  void missingFilesAndFoldersAreNamed() {
    assertThatThrownBy(() -> SafeTensors.read(folder.resolve("none.safetensors")))
        .isInstanceOf(WeightsException.class)
        .hasMessageEndingWith("none.safetensors: no such file or folder");
    assertThatThrownBy(() -> SafeTensors.read(folder))
        .isInstanceOf(WeightsException.class)
        .hasMessageEndingWith("not a file");
  }

  @Test
  void aWriteThatCannotBeNamesTheFile() {
    Path file = folder.resolve("none").resolve("x.safetensors");
    assertThatThrownBy(() -> SafeTensors.write(file, Map.of(), Map.of()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot write " + file + ": no such file or folder");
  }

  private static Arguments bad(String name, byte[] bytes, String message) {
    return Arguments.of(name, bytes, message);
  }

  private static byte[] length(long length) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
  }

  /** A file with one tensor t, whose description has apostrophes for quotes. */
  private static byte[] entry(String description, int dataBytes) {
    return file("{\"t\":{" + description.replace('\'', '"') + "}}", new byte[dataBytes]);
  }

  private static byte[] notUtf8() {
    byte[] bytes = file("{\"__metadata__\":{\"a\":\"?\"}}", new byte[0]);
    for (int i = 8; i < bytes.length; i++) {
      if (bytes[i] == '?') {
        bytes[i] = (byte) 0xff;
      }
    }
    return bytes;
  }

  private static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  private static Tensor named(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }
}
