package dev.retort.study;

import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.export.OnnxExport;
import dev.retort.onnx.OnnxModel;
import dev.retort.serving.ServedFile;
import dev.retort.study.config.TeacherConfiguration;
import dev.retort.teacher.ExternalTeacher;
import dev.retort.teacher.ExternalView;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.TeacherInput;
import dev.retort.teacher.TeacherView;
import dev.retort.teacher.TeacherView.Layout;
import dev.retort.weights.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A study's teacher as a file that ONNX Runtime serves. Recorded outputs have none, and neither has
 * a TorchScript program.
 *
 * @param configuration which teacher
 * @param data whose images it sees
 */
public record ServedTeacher(TeacherConfiguration configuration, Splits data) {
  /**
   * Refuses one that could not be measured, before the trainings.
   *
   * @throws IllegalArgumentException if it is a state dictionary that reads BGR or NHWC
   */
  void requireServable() {
    if (configuration.source() instanceof ModelSource.StateOf state) {
      configuration.view().requireOwnLayout(state.toString());
    }
  }

  /** The network, where it is one of Retort's; its tensors belong to the caller's scope. */
  Optional<LoadedModel> network() {
    ModelSource source = configuration.source();
    if (source instanceof ModelSource.External || source instanceof ModelSource.Recorded) {
      return Optional.empty();
    }
    return Optional.of(
        source instanceof ModelSource.StateOf state
            ? state.open(configuration.view(), data)
            : source.open(data));
  }

  /** The file that was given, where it is one. */
  Optional<ServedFile> given() {
    if (!(configuration.source() instanceof ModelSource.External external)
        || !OnnxModel.isNamed(external.file())) {
      return Optional.empty();
    }
    TeacherView view = configuration.view();
    try (TensorScope scope = TensorScope.open();
        ExternalTeacher opened = external.teacher(view, data, Precision.FP32, Device.CPU)) {
      TeacherInput seen =
          Objects.requireNonNull(
                  ExternalView.of(external, view, data, Precision.FP32, Device.CPU, opened))
              .input();
      return Optional.of(
          new ServedFile(
              external.file(),
              opened.input(),
              seen.layout() == Layout.NHWC,
              Double.POSITIVE_INFINITY));
    }
  }

  /**
   * The file: the one that was given, or one that is written.
   *
   * @param folder for what is written
   */
  public Optional<ServedFile> file(Path folder) throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel network = network().orElse(null);
      if (network == null) {
        return given();
      }
      Path file = folder.resolve("teacher" + OnnxModel.ENDING);
      Files.write(file, new OnnxExport(false).bytes(network));
      return Optional.of(new ServedFile(file, network.network().input()));
    }
  }
}
