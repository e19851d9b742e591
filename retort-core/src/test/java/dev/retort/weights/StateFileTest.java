package dev.retort.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.LogLines;
import dev.retort.data.ImageShape;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files come from {@code src/test/python/golden_state_files.py}. */
class StateFileTest {
  @TempDir Path folder;
  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Path golden(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(StateFileTest.class.getResource("golden/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"state.pth", "protocol4.pth", "checkpoint.pth", "no-checksums.pth", "legacy.pth"})
  void readsWhatTorchSaved(String name) {
    Map<String, Tensor> state = StateFile.read(golden(name));
    assertThat(state.keySet())
        .containsExactly(
            "module.matrix",
            "module.transposed",
            "module.middle",
            "module.end",
            "module.parameter",
            "module.half",
            "module.brain",
            "module.count",
            "module.bytes",
            "module.truth",
            "module.empty");
    check(state, "matrix", ScalarType.Float, new long[] {2, 3}, 1.5, -2, 3, 4, 5, -6.25);
    check(state, "transposed", ScalarType.Double, new long[] {3, 2}, 0, 3, 1, 4, 2, 5);
    check(state, "middle", ScalarType.Float, new long[] {2, 2}, 4, 5, 6, 7);
    check(state, "end", ScalarType.Float, new long[] {2}, 10, 11);
    check(state, "parameter", ScalarType.Float, new long[] {2}, 0.5, 0.25);
    check(state, "half", ScalarType.Half, new long[] {2}, 1.5, -65504);
    check(state, "brain", ScalarType.BFloat16, new long[] {2}, 1.0078125, -3);
    check(state, "count", ScalarType.Long, new long[0], 9);
    check(state, "bytes", ScalarType.Byte, new long[] {2}, 0, 255);
    check(state, "truth", ScalarType.Bool, new long[] {2}, 1, 0);
    check(state, "empty", ScalarType.Float, new long[] {0, 4});
  }

  private static void check(
      Map<String, Tensor> state, String name, ScalarType type, long[] shape, double... values) {
    Tensor tensor = Objects.requireNonNull(state.get("module." + name));
    assertThat(tensor.scalar_type().intern()).as(name).isEqualTo(type);
    assertThat(tensor.shape()).as(name).containsExactly(shape);
    if (tensor.numel() > 0) {
      assertThat(Tensors.toDoubles(tensor)).as(name).containsExactly(values);
    }
  }

  /** Tensors without a version, texts of bytes, and dictionaries of pairs. */
  @Test
  void readsWhatPyTorchBefore04AndPython2Saved() {
    Map<String, Tensor> state = StateFile.read(golden("old.pth"));
    assertThat(state).hasSize(6).containsKey("module." + "x".repeat(300));
    check(state, "matrix", ScalarType.Float, new long[] {2, 3}, 1.5, -2, 3, 4, 5, -6.25);
    check(state, "transposed", ScalarType.Double, new long[] {3, 2}, 0, 3, 1, 4, 2, 5);
    check(state, "middle", ScalarType.Float, new long[] {2, 2}, 4, 5, 6, 7);
    check(state, "half", ScalarType.Half, new long[] {2}, 1.5, -65504);
    check(state, "bytes", ScalarType.Byte, new long[] {2}, 0, 255);
    check(state, "x".repeat(300), ScalarType.Long, new long[] {1}, 7);
  }

  /** Damage may put a 0 in one entry; a file without checksums has it in all. */
  @Test
  void oneChecksumOfZeroIsNoArchiveWithoutChecksums() throws IOException {
    byte[] bytes = Files.readAllBytes(golden("state.pth"));
    byte[] directory = {'P', 'K', 1, 2};
    int entry = indexOf(bytes, directory);
    while (!new String(bytes, entry + 46, 20, StandardCharsets.US_ASCII)
        .startsWith("state/data/")) {
      bytes[entry] = 'Q';
      entry = indexOf(bytes, directory);
    }
    byte[] whole = Files.readAllBytes(golden("state.pth"));
    Arrays.fill(whole, entry + 16, entry + 20, (byte) 0);
    Path file = folder.resolve("zero.pth");
    Files.write(file, whole);
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is damaged: its checksum does not hold");
  }

  @Test
  void findsAStateUnderStateDict() {
    assertThat(StateFile.read(golden("nested.pth")))
        .containsOnlyKeys("weight", "bias", "running_mean", "running_var", "num_batches_tracked");
  }

  /** An average of the weights may be what was evaluated. */
  @Test
  void theOtherStatesOfACheckpointAreNamed() {
    PickledTensor one =
        new PickledTensor(
            new PickledTensor.Storage("0", TensorType.F32, 1), 0, new long[] {}, new long[] {});
    PyTorchFile checkpoint =
        new PyTorchFile(Path.of("c.pth")) {
          @Override
          Object root() {
            return Map.of(
                "epoch",
                3,
                "ema",
                Map.of("w", one),
                "optimizer",
                Map.of("state", Map.of()),
                "state_dict",
                Map.of("w", one));
          }

          @Override
          Map<String, Tensor> storages(Collection<PickledTensor.Storage> wanted) {
            return Map.of("0", Tensors.of(new float[] {5}));
          }
        };
    assertThat(LogLines.of(PyTorchFile.class, () -> read(checkpoint)))
        .containsExactly(
            "c.pth: state_dict is taken, and ema left out; save the one that you want alone");
  }

  private static void read(PyTorchFile checkpoint) {
    try {
      assertThat(checkpoint.read()).containsOnlyKeys("w");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void readsSafetensorsByContent() throws Exception {
    Path renamed = folder.resolve("weights.pth");
    Files.copy(SafeTensorsTest.golden(), renamed);
    assertThat(StateFile.read(renamed)).containsKey("brain").hasSize(12);
  }

  /** Its length begins with the two bytes that begin every pickle. */
  @Test
  void aSafetensorsHeaderOf640BytesIsNoPickle() {
    Path file = folder.resolve("x.safetensors");
    for (int padding = 0; padding < 640; padding += 8) {
      SafeTensors.write(file, Map.of(), Map.of("a", "x".repeat(padding)));
      assertThat(StateFile.read(file)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hostile.pth        | refused: its pickle names __builtin__.print",
        "hostile-legacy.pth | refused: its pickle names __builtin__.print",
        "namespace.pth      | refused: its pickle names argparse.Namespace",
        "whole-model.pth    | refused: its pickle names torch.nn.modules.linear.Linear",
        "no-state.pth       | holds no state dictionary, neither as a whole nor under"
            + " [state_dict, model, model_state_dict, net, network]: it has [epoch, weights]",
        "torchscript.pt     | a TorchScript program, not a state dictionary",
      })
  void refusesByName(String name, String message) {
    Path file = golden(name);
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  /** As Python's {@code pickle.dumps} writes them, in protocols 0, 2 and 4. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cposix\\n"
            + "system\\n"
            + "p0\\n"
            + "(Vtrue\\n"
            + "p1\\n"
            + "tp2\\n"
            + "Rp3\\n"
            + ". | refused: its pickle names posix.system",
        "\\200\\002cposix\\nsystem\\nq\\000X\\004\\000\\000\\000trueq\\001\\205q\\002Rq\\003."
            + " | refused: its pickle names posix.system",
        "\\200\\004\\225\\037\\000\\000\\000\\000\\000\\000\\000\\214\\005posix\\224\\214"
            + "\\006system\\224\\223\\224\\214\\004true\\224\\205\\224R\\224."
            + " | refused: its pickle names posix.system",
        "\\200\\004\\225\\012\\000\\000\\000\\000\\000\\000\\000}\\224\\214\\001a\\224K\\001s."
            + " | no file of torch.save",
      })
  void picklesThatTorchDidNotSaveAreRefusedByName(String escaped, String message)
      throws IOException {
    Path file = folder.resolve("bare.pth");
    Files.write(file, escaped.translateEscapes().getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void archivesThatTorchWouldNotWriteAreRefused() throws IOException {
    refuses("has a path that leads out", "a/data.pkl", "../evil");
    refuses("has a path that leads out", "a/data.pkl", "a/../../evil");
    refuses("has a path that leads out", "a/data.pkl", "/etc/passwd");
    refuses("has a path that leads out", "a/data.pkl", "a\\evil");
    refuses("has a path that leads out", "a/data.pkl", "c:/evil");
    refuses("it has the pickles", "a/data.pkl", "b/data.pkl");
    refuses("it has the pickles []", "a/b/data.pkl");
    refuses("the pickle is damaged", "a/data.pkl");
  }

  private void refuses(String message, String... names) throws IOException {
    Path file = folder.resolve("archive.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String name : names) {
        stored(zip, name, new byte[] {'.'});
      }
    }
    assertThatThrownBy(() -> StateFile.read(file))
        .as(message)
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("archive.pth")
        .hasMessageContaining(message);
  }

  @Test
  void aZipBombIsRefusedBeforeItIsUnpacked() throws IOException {
    Path file = folder.resolve("bomb.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      stored(zip, "a/data.pkl", new byte[] {'.'});
      zip.putNextEntry(new ZipEntry("a/data/0"));
      zip.write(new byte[1 << 20]);
    }
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("entry 'a/data/0' is compressed");
  }

  /** Its header has 0x4b50 bytes, so it begins with the letters PK. */
  @Test
  void safetensorsThatBeginLikeAnArchiveAreRead() throws IOException {
    byte[] header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(8 + 0x4b50 + 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(0x4b50).put(header);
    while (bytes.position() < 8 + 0x4b50) {
      bytes.put((byte) ' ');
    }
    bytes.putFloat(2.5f);
    Path file = Files.write(folder.resolve("model.pth"), bytes.array());

    Tensor weight = Objects.requireNonNull(StateFile.read(file).get("w"));
    assertThat(Tensors.toDoubles(weight)).containsExactly(2.5);
  }

  /** Two directory entries over the same bytes would let a small file hold a large one. */
  @Test
  void anEntryThatIsThereTwiceIsRefused() throws IOException {
    Path file = folder.resolve("twice.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      stored(zip, "a/data.pkl", new byte[] {'.'});
      stored(zip, "a/data/0", new byte[4]);
      stored(zip, "a/data/1", new byte[4]);
    }
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Files.write(file, text.replace("a/data/1", "a/data/0").getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("entry 'a/data/0' is there twice");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "c__builtin__\\neval\\n                                 | names __builtin__.eval",
        "cnet.razorvine\\nx\\n                                  | names net.razorvine.x",
        "(ios\\nsystem\\n                                       | names os.system",
        "ccollections\\nOrderedDict\\n(K\\001tR.               | from other objects",
        "ccollections\\nOrderedDict\\n]K\\001a\\205R.          | from other objects",
        "ccollections\\nOrderedDict\\n]]K\\001aa\\205R.      | from other objects",
        "ccollections\\nOrderedDict\\n]](]K\\001ea\\205R.   | a key that is no text or number",
        "}(K\\001tK\\002s.                                   | a key that is no text or number",
        "N}b.                                                   | sets the state of an object",
        "X\\377\\377\\377\\177abc                        | cut off in a text",
        "T\\377\\377\\377\\177abc                        | cut off in a text",
        "\\217.                                               | the instruction 0x8f",
        "K\\001.                                              | holds no state dictionary",
        "}X\\001\\000\\000\\000wctorch._utils\\n_rebuild_tensor_v2\\n(NK\\000))tRs. | a tensor without a storage",
        "}X\\001\\000\\000\\000wctorch._utils\\n_rebuild_tensor_v2\\n(NK\\000)))N}X\\003\\000\\000\\000neg\\210stRs. | a negated or conjugated view",
        "}.                                                     | holds no state dictionary",
        "s.                                                     | damaged",
        "(N                                                     | premature",
      })
  void picklesThatDoMoreThanNameTensorsAreRefused(String escaped, String message)
      throws IOException {
    Path file = folder.resolve("p.pth");
    byte[] pickle = escaped.strip().translateEscapes().getBytes(StandardCharsets.ISO_8859_1);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      stored(zip, "a/data.pkl", pickle);
    }
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("p.pth: ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint.pth", "no-checksums.pth", "legacy.pth", "old.pth"})
  void damageIsRefusedOrReadAsAValidFile(String name) throws IOException {
    Damage.assertIsRefusedOrWhole(
        Files.readAllBytes(golden(name)), folder.resolve("damaged.pth"), StateFile::read);
  }

  @Test
  void aFlippedBitInAWeightIsNoticedByTheArchivesChecksum() throws IOException {
    Path original = golden("state.pth");
    byte[] bytes = Files.readAllBytes(original);
    byte[] weight = {0, 0, (byte) 0xc0, 0x3f, 0, 0, 0, (byte) 0xc0};
    int at = indexOf(bytes, weight);
    bytes[at] ^= 1;
    Path file = folder.resolve("flipped.pth");
    Files.write(file, bytes);
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is damaged: its checksum does not hold");
  }

  /** As one in the key of a storage, by which two tensors would have the same numbers. */
  @Test
  void aFlippedBitInANameIsNoticedByTheArchivesChecksum() throws IOException {
    byte[] bytes = Files.readAllBytes(golden("state.pth"));
    bytes[indexOf(bytes, "module.matrix".getBytes(StandardCharsets.US_ASCII))] ^= 1;
    Path file = folder.resolve("flipped.pth");
    Files.write(file, bytes);
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("data.pkl")
        .hasMessageContaining("is damaged: its checksum does not hold");
  }

  /** A view of 2^40 numbers over a storage of one. */
  @Test
  void tensorsLargerThanTheirStorageAreRefused() throws IOException {
    Path file = folder.resolve("strided.pth");
    String pickle =
        "\u0080\u0002}X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n"
            + "((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0"
            + "0X\u0003\0\0\0cpuK\u0001tQK\0"
            + "\u008a\u0006\0\0\0\0\0\u0001\u0085K\0\u0085\u0089NtRs.";
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      stored(zip, "a/data.pkl", pickle.getBytes(StandardCharsets.ISO_8859_1));
      stored(zip, "a/data/0", new byte[4]);
    }
    assertThatThrownBy(() -> StateFile.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("tensor 'w' reaches beyond its storage of 1 numbers");
  }

  @Test
  void aCheckpointOfAnotherNetworkIsNotLoaded() {
    Network network =
        Networks.create(
            "resnet8", ImageShape.CIFAR, 10, ScalarType.Float, RandomSource.of(1, "test"));
    assertThatThrownBy(
            () -> StateLoader.load(network, StateFile.read(golden("checkpoint.pth")), "c.pth"))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("0 tensors fit resnet8")
        .hasMessageContaining("11 are unexpected (matrix, transposed, ");
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }

  private static void stored(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
