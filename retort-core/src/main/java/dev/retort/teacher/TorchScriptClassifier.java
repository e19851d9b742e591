package dev.retort.teacher;

import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.network.Activations;
import dev.retort.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.GenericDictIterator;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TupleElements;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.parameter_iterator;
import org.bytedeco.pytorch.parameter_list;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A classifier in a TorchScript file, run by LibTorch. What it returns may be the logits; a tuple
 * or a list, whose members are {@code output:0} … by their place; or a dictionary, with the logits
 * under {@code logits} or {@code out}. Else the logits are the first matrix of a tuple, or the only
 * one of a dictionary, with a column for each class, or any matrix if none has. Layers inside it
 * cannot be tapped. Such a file is trusted code: its program may do what this process may.
 */
final class TorchScriptClassifier implements FrozenClassifier {
  private static final Logger LOG = LoggerFactory.getLogger(TorchScriptClassifier.class);

  private static final List<String> NAMES_OF_LOGITS = List.of(Activations.LOGITS, "out");

  /**
   * The digests of files that a line was printed for: one a process, however often it is opened.
   */
  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final String digest;
  private final ExportMetadata metadata;
  private final @Nullable Integer classes;
  private final Device device;
  private final JitModule module;

  /**
   * Reads a file; the module belongs to the innermost open scope.
   *
   * @param classes how many it tells apart; null where that is not known
   * @param device where it computes, with all of its tensors
   * @throws WeightsException if it is bad
   */
  TorchScriptClassifier(Path file, @Nullable Integer classes, Device device) {
    this.file = file;
    this.classes = classes;
    this.device = device;
    TorchScriptArchive archive = TorchScriptArchive.read(file);
    this.digest = archive.digest();
    this.metadata = new ExportMetadata(archive.extraFiles());
    Engine.start();
    if (WARNED.add(digest)) {
      LOG.warn(
          "{}: a TorchScript file is a program, which may do whatever you may on this machine: load only what you trust",
          file);
    }
    try {
      this.module = torch.load(file.toString(), new DeviceOptional(device.ofEngine()), false);
      module.eval();
    } catch (RuntimeException e) {
      throw new WeightsException(file + ": LibTorch cannot read it: " + reason(e), e);
    }
  }

  /** The first line of LibTorch's message that says something. */
  private static String reason(RuntimeException failure) {
    String text = Engine.withoutTrace(String.valueOf(failure.getMessage()));
    // An error inside the program has a traceback first and the reason last.
    List<String> lines = text.lines().toList();
    boolean traced = text.startsWith("The following operation failed");
    return lines.get(traced ? lines.size() - 1 : 0).strip();
  }

  @Override
  public String name() {
    return String.valueOf(file.getFileName());
  }

  /** LibTorch shares out the rows of a program's products among threads, at any row. */
  @Override
  public String runtime() {
    return Engine.threads() + " threads";
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public Device device() {
    return device;
  }

  /** Of the type of its parameters, where they have one: that of a program says nothing. */
  @Override
  public Input input() {
    Set<ScalarType> types = EnumSet.noneOf(ScalarType.class);
    for (Tensor parameter : tensors(module.parameters())) {
      if (parameter.is_floating_point()) {
        types.add(parameter.scalar_type().intern());
      }
    }
    ImageShape said = metadata.input();
    return new Input(
        said == null
            ? new long[] {-1, -1, -1, -1}
            : new long[] {-1, said.channels(), said.height(), said.width()},
        types.size() == 1 ? types.iterator().next() : ScalarType.Float);
  }

  @Override
  public ExportMetadata metadata() {
    return metadata;
  }

  @Override
  public @Nullable Long parameters() {
    List<Tensor> parameters = tensors(module.parameters());
    // Freezing a program makes constants of them.
    return parameters.isEmpty() ? null : (Long) parameters.stream().mapToLong(Tensor::numel).sum();
  }

  /** The iterators of LibTorch's list cannot be compared: JavaCPP's equality is that of places. */
  private static List<Tensor> tensors(parameter_list parameters) {
    List<Tensor> tensors = new ArrayList<>();
    parameter_iterator next = parameters.begin();
    for (long left = parameters.size(); left > 0; left--) {
      tensors.add(next.multiply());
      next.increment();
    }
    return tensors;
  }

  @Override
  public List<ModelLayer> layers(Tensor images) {
    List<ModelLayer> layers = new ArrayList<>();
    Activations outputs = activations(images);
    outputs.hidden().forEach((name, value) -> layers.add(layer(name, value)));
    layers.add(layer(Activations.LOGITS, outputs.logits()));
    return layers;
  }

  private static ModelLayer layer(String name, Tensor value) {
    long[] all = value.shape();
    return new ModelLayer(name, "output", Arrays.copyOfRange(all, 1, all.length), null, null);
  }

  @Override
  public Activations run(Tensor images, Set<String> taps) {
    Activations all = activations(images);
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    for (String tap : taps) {
      if (tap.equals(Activations.LOGITS)) {
        continue;
      }
      if (!all.hidden().containsKey(tap)) {
        throw new IllegalArgumentException(
            name() + " has no layer '" + tap + "', only " + all.hidden().keySet());
      }
      hidden.put(tap, all.get(tap));
    }
    return new Activations(all.logits(), hidden);
  }

  private Activations activations(Tensor images) {
    Map<String, Tensor> outputs;
    try (NoGrad noGrad = NoGrad.open()) {
      // A copy: the program may write into its input, which may be the student's.
      outputs = tensors(module.forward(new IValueVector(new IValue(images.clone()))));
    } catch (WeightsException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new WeightsException(
          "%s: the program fails on images of %s: %s%s"
              .formatted(
                  file,
                  Arrays.toString(images.shape()),
                  reason(e),
                  String.valueOf(e.getMessage()).contains("Half")
                      ? " (if it wants 16-bit images: save it in float32)"
                      : device == Device.CPU
                          ? ""
                          : " (a program that was traced on the CPU may keep constants there: trace it on the GPU, or use --device cpu)"),
          e);
    }
    String given =
        outputs.entrySet().stream()
            .map(output -> output.getKey() + " " + Arrays.toString(output.getValue().shape()))
            .collect(Collectors.joining(", "));
    outputs.values().removeIf(value -> value.dim() < 2 || value.size(0) != images.size(0));
    for (String name : NAMES_OF_LOGITS) {
      outputs.computeIfPresent(name, (key, value) -> FrozenClassifier.rows(value));
    }
    String logits = logits(outputs, given, images.size(0));
    Tensor ofLogits = outputs.remove(logits);
    if (ofLogits == null) {
      throw new AssertionError("chosen among the outputs");
    }
    return new Activations(ofLogits, outputs);
  }

  /**
   * Chooses among outputs.
   *
   * @param given all that there were, for messages
   */
  private String logits(Map<String, Tensor> outputs, String given, long images) {
    for (String name : NAMES_OF_LOGITS) {
      Tensor value = outputs.get(name);
      if (value != null && value.dim() == 2) {
        return name;
      }
    }
    List<String> matrices = new ArrayList<>();
    List<String> fitting = new ArrayList<>();
    outputs.forEach(
        (name, value) -> {
          if (value.dim() == 2) {
            matrices.add(name);
            if (classes != null && value.size(1) == classes) {
              fitting.add(name);
            }
          }
        });
    List<String> candidates = fitting.isEmpty() ? matrices : fitting;
    boolean inOrder = outputs.keySet().stream().allMatch(name -> name.startsWith("output:"));
    if (candidates.isEmpty()) {
      throw new WeightsException(
          "%s: of %d images it gives %s, and one row of logits an image is needed (for one number z, as of a sigmoid, export the row [0, z])"
              .formatted(file, images, given.isEmpty() ? "no floating-point numbers" : given));
    }
    if (candidates.size() > 1 && !inOrder) {
      throw new WeightsException(
          "%s: which of its outputs %s are the logits, one row an image, is not clear; call them 'logits'"
              .formatted(file, outputs.keySet()));
    }
    return candidates.get(0);
  }

  private Map<String, Tensor> tensors(IValue result) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    if (result.isTensor()) {
      put(outputs, Activations.LOGITS, result);
    } else if (result.isTuple()) {
      TupleElements elements = result.toTupleRef().elements();
      for (long i = 0; i < elements.size(); i++) {
        put(outputs, "output:" + i, elements.get(i));
      }
    } else if (result.isTensorList()) {
      var list = result.toTensorVector();
      for (long i = 0; i < list.size(); i++) {
        outputs.put("output:" + i, list.get(i));
      }
    } else if (result.isGenericDict()) {
      GenericDict dictionary = result.toGenericDict();
      GenericDictIterator end = dictionary.end();
      for (GenericDictIterator i = dictionary.begin(); !i.equals(end); i.increment()) {
        String key = i.access().key().isString() ? i.access().key().toStringRef().getString() : "";
        put(outputs, key, i.access().value());
      }
    } else {
      throw new WeightsException(
          file + ": it returns neither a tensor nor a tuple, list or dictionary of tensors");
    }
    return outputs;
  }

  private static void put(Map<String, Tensor> outputs, String name, IValue value) {
    if (value.isTensor() && value.toTensor().is_floating_point()) {
      outputs.put(name, value.toTensor());
    }
  }

  @Override
  public void close() {
    // The scope that it was read in frees it.
  }
}
