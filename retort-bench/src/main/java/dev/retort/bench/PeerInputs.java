package dev.retort.bench;

import dev.retort.data.Dataset;
import dev.retort.data.PixelView;
import dev.retort.data.Splits;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.TensorType;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What peers read: the same images and the same teachers as ours, in files of a folder. */
final class PeerInputs {
  private final Path folder;

  PeerInputs(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes the files; the first request to a peer.
   *
   * @param precision ours: bf16 where the processor multiplies it in hardware
   */
  Map<String, Object> write(Splits data, List<LoadedModel> teachers, Precision precision) {
    Map<String, String> models = new LinkedHashMap<>();
    for (LoadedModel teacher : teachers) {
      models.put(teacher.network().name(), model(teacher).toString());
    }
    return Map.of(
        "threads",
        Engine.threads(),
        "precision",
        precision.name().toLowerCase(Locale.ROOT),
        "batchSize",
        BenchmarkData.BATCH_SIZE,
        "train",
        records("train", data.train()),
        "validation",
        records("validation", data.validation()),
        "mean",
        data.statistics().mean(),
        "deviation",
        data.statistics().standardDeviation(),
        "teachers",
        models,
        "optimizer",
        Map.of(
            "learningRate",
            Distillation.LEARNING_RATE,
            "momentum",
            Distillation.OPTIMIZER.momentum(),
            "nesterov",
            Distillation.OPTIMIZER.nesterov(),
            "weightDecay",
            Distillation.OPTIMIZER.weightDecay()));
  }

  /** The file of a teacher that {@link #write} has written. */
  Path model(String network) {
    return folder.resolve(network + ".safetensors");
  }

  private Path model(LoadedModel teacher) {
    Path file = model(teacher.network().name());
    ModelFile.save(teacher.network(), teacher.info(), file, TensorType.F32);
    return file;
  }

  /** CIFAR-10's binary format: a label's byte, then each channel's bytes row by row. */
  private String records(String name, Dataset images) {
    Path file = folder.resolve(name + ".bin");
    PixelView view = new PixelView();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < images.size(); i++) {
        images.read(i, view);
        int channels = view.channels();
        int positions = view.height() * view.width();
        byte[] record = new byte[1 + channels * positions];
        record[0] = (byte) images.label(i);
        for (int channel = 0; channel < channels; channel++) {
          for (int position = 0; position < positions; position++) {
            record[1 + channel * positions + position] =
                view.pixels()[view.offset() + position * channels + channel];
          }
        }
        out.write(record);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the peers' images could not be written: " + e.getMessage(), e);
    }
    return file.toString();
  }
}
