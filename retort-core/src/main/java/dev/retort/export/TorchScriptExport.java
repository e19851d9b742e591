package dev.retort.export;

import dev.retort.data.Dataset;
import dev.retort.engine.Engine;
import dev.retort.engine.TensorScope;
import dev.retort.network.Graph;
import dev.retort.network.Network;
import dev.retort.system.AtomicFile;
import dev.retort.system.TemporaryFolder;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Writes a network as a TorchScript program for PyTorch and LibTorch: its parameters and buffers
 * under their own names, and {@code forward}, from normalised images {@code [batch, channels,
 * height, width]} to logits, as source that LibTorch compiles. The keys of {@link ModelFile} lie
 * beside it as extra files.
 */
public final class TorchScriptExport {
  /** More bytes than a network's program and the archive's entries take. */
  private static final long PROGRAM = 1 << 20;

  private TorchScriptExport() {}

  /**
   * Writes the file, after LibTorch has read it back and shown that it computes what the network
   * computes.
   *
   * @param images on which the two are compared; of the shape that the network reads
   * @throws ExportException if they differ; nothing is written then
   * @throws IllegalArgumentException if the network has no form in the format
   * @throws IOException if the file cannot be written
   */
  public static Parity write(LoadedModel model, Dataset images, Path file) throws IOException {
    Engine.start();
    try (TemporaryFolder folder = new TemporaryFolder();
        TensorScope scope = TensorScope.open()) {
      // LibTorch names the archive's own folder after the file.
      Path temporary = folder.path().resolve(Objects.requireNonNull(file.getFileName()));
      Network network = model.network();
      folder.requireRoom(room(network));
      String source = TorchScriptSource.of(Graph.of(network), network.state());
      ExtraFilesMap extra = new ExtraFilesMap();
      ModelFile.metadata(network, model.info())
          .forEach((key, value) -> extra.put(utf8(key), utf8(value)));
      JitModule again = written(network, source, extra, temporary);
      Parity parity =
          Parity.measure(
              model,
              images,
              batch -> again.forward(new IValueVector(new IValue(batch))).toTensor(),
              new OnnxExport(false));
      parity.require("LibTorch");
      AtomicFile.write(file, out -> Files.copy(temporary, out));
      return parity;
    }
  }

  /** The program in a file, as LibTorch reads it back. */
  private static JitModule written(
      Network network, String source, ExtraFilesMap extra, Path temporary) {
    try {
      JitModule module = new Modules(network.state().all()).root();
      module.define(source);
      module.eval();
      module.save(temporary.toString(), extra);
      return torch.load(temporary.toString(), new DeviceOptional(), false);
    } catch (RuntimeException e) { // LibTorch's own, whose parser says where it stopped
      throw new IllegalArgumentException(
          "%s cannot be written as TorchScript, which has words that no layer may be named by, such as class: rename it, or write ONNX (LibTorch: %s)"
              .formatted(
                  network.name(),
                  String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("")),
          e);
    }
  }

  private static BytePointer utf8(String text) {
    return new BytePointer(text, StandardCharsets.UTF_8);
  }

  /** At least as many bytes as the file will have. */
  private static long room(Network network) {
    long values = network.state().all().values().stream().mapToLong(Tensor::numel).sum();
    return Float.BYTES * values + PROGRAM;
  }

  /** The modules that hold a state's tensors, one for each step of their paths. */
  private static final class Modules {
    private final CompilationUnit unit = new CompilationUnit();
    private final Map<String, Tensor> tensors;
    private int count;

    Modules(Map<String, Tensor> tensors) {
      this.tensors = tensors;
    }

    JitModule root() {
      return module("");
    }

    /** Children first: a module's members are known when it is registered. */
    private JitModule module(String prefix) {
      String name = "__torch__.retort.Module" + count++;
      JitModule module = new JitModule(new QualifiedName(name), unit, false);
      Map<String, Boolean> members = new TreeMap<>();
      tensors.keySet().stream()
          .filter(path -> path.startsWith(prefix))
          .map(path -> path.substring(prefix.length()))
          .forEach(
              path -> {
                int dot = path.indexOf('.');
                members.put(dot < 0 ? path : path.substring(0, dot), dot < 0);
              });
      members.forEach(
          (member, isTensor) -> {
            if (isTensor) {
              register(module, member, Objects.requireNonNull(tensors.get(prefix + member)));
            } else {
              module.register_module(member, module(prefix + member + "."));
            }
          });
      return module;
    }

    private static void register(JitModule module, String name, Tensor tensor) {
      if (tensor.requires_grad()) {
        module.register_parameter(name, tensor, false);
      } else {
        module.register_buffer(name, tensor);
      }
    }
  }
}
