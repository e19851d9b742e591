package dev.retort.export;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.engine.TensorScope;
import dev.retort.network.Activations;
import dev.retort.network.Graph;
import dev.retort.onnx.OnnxSession;
import dev.retort.system.AtomicFile;
import dev.retort.system.Build;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Writes a network as an ONNX file. What it is for is in the file's metadata, under the keys of
 * {@link ModelFile}: network, classes, statistics, provenance.
 *
 * @param preprocessing whether pictures of any size go in as unsigned bytes, {@code [batch, height,
 *     width, channels]}, are scaled and cut as {@link dev.retort.data.Resizing} does it, which of
 *     all runtimes ONNX Runtime does on a CPU, and probabilities come out; otherwise normalised
 *     images {@code [batch, channels, height, width]} go in and logits come out
 * @param resize the length that pictures' shorter sides are scaled to before the middle is cut out,
 *     at least the network's own size; null for that
 * @param temperature by which logits are divided before their softmax, positive ({@link
 *     TemperatureScaling}); 1 where logits come out
 */
public record OnnxExport(boolean preprocessing, @Nullable Integer resize, double temperature) {
  /** Of pictures in one call that tries a file. */
  private static final int MOST_BYTES = 256 << 20;

  /**
   * @throws IllegalArgumentException if the temperature is not positive and finite in fp32, or for
   *     logits
   */
  public OnnxExport {
    if (!((float) temperature > 0 && Float.isFinite((float) temperature))) {
      throw new IllegalArgumentException("a temperature is positive, and is not " + temperature);
    }
    if (!preprocessing && temperature != 1) {
      throw new IllegalArgumentException("a temperature is for probabilities, not for logits");
    }
  }

  /**
   * Scales pictures to cover no more than the network's own size. Its temperature is 1, which is
   * right for few students: {@link TemperatureScaling#fit} finds theirs.
   */
  public OnnxExport(boolean preprocessing) {
    this(preprocessing, null, 1);
  }

  /**
   * The file's contents.
   *
   * @throws IllegalArgumentException if the network has no form in the format, or pictures are to
   *     be scaled to less than it reads
   */
  public byte[] bytes(LoadedModel model) {
    try (TensorScope scope = TensorScope.open()) {
      OnnxWriter writer = new OnnxWriter(model.network().name(), Map.of());
      return finish(model, writer, Graph.of(model.network()), Map.of());
    }
  }

  /** Writes ends, operations and metadata. */
  byte[] finish(
      LoadedModel model, OnnxWriter writer, Graph computation, Map<String, String> moreMetadata) {
    Map<String, String> metadata = new TreeMap<>(ModelFile.metadata(model.network(), model.info()));
    metadata.put("input_layout", preprocessing ? "NHWC uint8" : "NCHW float32, normalised");
    if (model.network().input().channels() == 3) {
      metadata.put("channels", "RGB");
    }
    if (preprocessing && resize != null) {
      metadata.put(ModelFile.RESIZE, resize.toString());
    }
    if (temperature != 1) {
      metadata.put("temperature", Double.toString(temperature));
    }
    metadata.put("provenance.retort", Build.version());
    metadata.putAll(moreMetadata);
    int classes = model.network().classes();
    if (preprocessing) {
      writer.pixels(shape(model), covered(model), model.info().statistics());
      writer.compute(computation, temperature);
      writer.probabilities(classes);
    } else {
      writer.images(shape(model));
      writer.compute(computation, temperature);
      writer.logits(classes);
    }
    return writer.graph().toModel(Build.version(), metadata);
  }

  /** Of an image: channels, height, width. */
  static long[] shape(LoadedModel model) {
    ImageShape input = model.network().input();
    return new long[] {input.channels(), input.height(), input.width()};
  }

  /** The height and width that scaled pictures just cover. */
  private long[] covered(LoadedModel model) {
    ImageShape input = model.network().input();
    if (resize != null && resize < Math.max(input.height(), input.width())) {
      throw new IllegalArgumentException(
          "pictures that are scaled to %d pixels do not cover the %s that %s reads"
              .formatted(resize, input, model.network().name()));
    }
    return resize == null
        ? new long[] {input.height(), input.width()}
        : new long[] {resize, resize};
  }

  /**
   * What the written file makes of images: with pre-processing they are the middle of pictures that
   * need no scaling, as many at once as do not take much memory.
   *
   * @param images {@code [N, H, W, C]} bytes with pre-processing, else {@code [N, C, H, W]},
   *     normalised
   * @return logits, with pre-processing probabilities, {@code [N, classes]}
   */
  Tensor run(OnnxSession session, LoadedModel model, Tensor images) {
    if (!preprocessing) {
      return session.run(images, Activations.LOGITS);
    }
    if (resize == null) {
      return session.run(images, OnnxWriter.PROBABILITIES);
    }
    ImageShape input = model.network().input();
    ImageShape pictures = new ImageShape(input.channels(), resize, resize);
    long[] margins = pictures.margins(input);
    long[] frame = {0, 0, margins[0], margins[1], margins[2], margins[3]};
    long atOnce = Math.max(1, MOST_BYTES / pictures.values());
    TensorVector outputs = new TensorVector();
    for (Tensor part : images.split(atOnce).get()) {
      outputs.push_back(session.run(torch.constant_pad_nd(part, frame), OnnxWriter.PROBABILITIES));
    }
    return torch.cat(outputs, 0);
  }

  /**
   * Writes the file, after ONNX Runtime has shown that it computes what the network computes.
   *
   * @param images on which the two are compared; of the shape that the network reads
   * @throws ExportException if they differ; nothing is written then
   * @throws IllegalArgumentException as {@link #bytes}
   * @throws IOException if the file cannot be written
   */
  public Parity write(LoadedModel model, Dataset images, Path file) throws IOException {
    byte[] bytes = bytes(model);
    Parity parity;
    try (OnnxSession session = new OnnxSession(file.toString(), bytes)) {
      parity = Parity.measure(model, images, batch -> run(session, model, batch), this);
    }
    parity.require("ONNX Runtime");
    AtomicFile.write(file, bytes);
    return parity;
  }
}
