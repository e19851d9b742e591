package dev.retort.faults;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherView;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads teachers that other programs wrote as a study does: opens one, and asks it once. They are
 * those of the library's tests.
 */
final class TeacherSpecimens {
  /** Programs of PyTorch and ONNX for 5 classes. */
  static final List<String> PROGRAMS =
      List.of(
          "free.onnx", "fixed.onnx", "tuple.pt", "dictionary.pt", "half.pt", "probabilities.pt");

  /** What teachers said of 8 images and 3 classes. */
  static final List<String> RECORDS = List.of("logits.npy", "columns.npz");

  private static final int PROGRAMS_SIDE = 24;

  private TeacherSpecimens() {}

  /** Lets a program classify images of its size. */
  static void program(Path file) {
    ChannelStatistics statistics =
        new ChannelStatistics(new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.25f, 0.25f, 0.25f});
    ImageShape shape = new ImageShape(3, PROGRAMS_SIDE, PROGRAMS_SIDE);
    Dataset images = images(shape, 5, 4);
    Splits data = new Splits("made", images, images, images, shape, statistics);
    boolean fixed = file.endsWith("fixed.onnx");
    ask(
        ModelSource.parse(file.toString(), Path.of("")),
        new TeacherView(
            fixed ? null : PROGRAMS_SIDE, statistics, TeacherView.Layout.NCHW, images.classes()),
        data);
  }

  /** Asks what was recorded of all training images. */
  static void records(Path file) {
    ImageShape shape = new ImageShape(1, 4, 4);
    Dataset whole = images(shape, 3, 8);
    Splits data =
        new Splits(
            "made",
            new Subset("train", whole, IntStream.range(0, 6).toArray()),
            new Subset("validation", whole, new int[] {6, 7}),
            images(shape, 3, 3),
            shape,
            new ChannelStatistics(new float[] {0.5f}, new float[] {0.25f}));
    ask(ModelSource.parse("recorded:" + file, Path.of("")), TeacherView.standard(), data);
  }

  private static Dataset images(ImageShape shape, int classes, int count) {
    List<String> names = IntStream.range(0, classes).mapToObj(c -> "class " + c).toList();
    byte[] pixels = new byte[count * shape.values()];
    return new InMemoryDataset("made", names, shape, pixels, new int[count]);
  }

  private static void ask(ModelSource source, TeacherView view, Splits data) {
    try (TensorScope scope = TensorScope.open();
        BatchStream stream =
            BatchStream.evaluation(
                data.train(),
                data.inputShape(),
                data.statistics(),
                data.train().size(),
                Precision.FP32);
        Teacher teacher = source.teacher(view, data, Precision.FP32, Device.CPU)) {
      for (Batch batch : stream.all()) {
        Tensors.toDoubles(teacher.activations(batch, Set.of()).logits());
      }
    }
  }
}
