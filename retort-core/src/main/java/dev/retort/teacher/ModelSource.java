package dev.retort.teacher;

import dev.retort.data.BundledFile;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.onnx.OnnxModel;
import dev.retort.system.FileFailure;
import dev.retort.system.Folders;
import dev.retort.teacher.TeacherView.Layout;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.StateFile;
import dev.retort.weights.StateLoader;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What MODEL names, on the command line and in a configuration. Nothing is read before {@link
 * #open}.
 */
public sealed interface ModelSource {
  /** A model that comes with Retort: {@code bundled:cifar10}. */
  record Bundled(String name) implements ModelSource {
    /** What stands before the name. */
    static final String PREFIX = "bundled:";

    @Override
    public LoadedModel open(@Nullable Splits data) {
      return unpacked(ModelFile::load);
    }

    @Override
    public ImageShape input() {
      return unpacked(ModelFile::input);
    }

    private <T> T unpacked(Function<Path, T> reader) {
      if (!name.equals("cifar10")) {
        throw new IllegalArgumentException(
            "no model named '" + name + "' is bundled; there is " + PREFIX + "cifar10");
      }
      try (InputStream resource = BundledFile.open(name + ".safetensors", toString())) {
        Path copy = Files.createTempFile("retort-" + name, ".safetensors");
        try {
          Files.copy(resource, copy, StandardCopyOption.REPLACE_EXISTING);
          return reader.apply(copy);
        } finally {
          Files.delete(copy);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the bundled model " + name + " could not be unpacked: " + FileFailure.reason(e), e);
      }
    }

    @Override
    public String toString() {
      return PREFIX + name;
    }
  }

  /** A model file of ours, or the folder of a finished run. */
  record Saved(Path path) implements ModelSource {
    /** The name of the folder of a study's runs in the study's folder. */
    public static final String RUNS = "runs";

    /** The name of the model's file in a run's folder. */
    public static final String STUDENT = "student.safetensors";

    private static final int RUNS_SHOWN = 3;

    @Override
    public Path place() {
      return path;
    }

    @Override
    public LoadedModel open(@Nullable Splits data) {
      return ModelFile.load(file());
    }

    @Override
    public ImageShape input() {
      return ModelFile.input(file());
    }

    @Override
    public @Nullable Integer resize(int size) {
      return ModelFile.info(file()).resize();
    }

    private Path file() {
      if (!Files.isDirectory(path)) {
        if (StateFile.isOfPyTorch(path)) {
          throw new WeightsException(
              path
                  + ": no safetensors file; a state dictionary of PyTorch is written NETWORK:FILE");
        }
        return path;
      }
      Path student = path.resolve(STUDENT);
      if (!Files.exists(student)) {
        List<String> runs = runs();
        throw new WeightsException(
            runs.isEmpty()
                ? "%s: the folder has no %s: it is no run's, or the run is not done"
                    .formatted(path, STUDENT)
                : "%s: the folder of a study, not of a run; one of its models is %s"
                    .formatted(path, String.join(" or ", runs)));
      }
      return student;
    }

    /** The first finished runs, where this is the folder of a study. */
    private List<String> runs() {
      Path folder = path.resolve(RUNS);
      if (!Files.isDirectory(folder)) {
        return List.of();
      }
      try (Stream<Path> runs = Files.list(folder)) {
        return runs.filter(run -> Files.exists(run.resolve(STUDENT)))
            .sorted()
            .limit(RUNS_SHOWN)
            .map(Path::toString)
            .toList();
      } catch (IOException e) {
        throw new WeightsException(folder + ": " + FileFailure.reason(e), e);
      }
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** A state dictionary, which says nothing of the network that it belongs to. */
  record StateOf(String network, Path file) implements ModelSource {
    @Override
    public Path place() {
      return file;
    }

    @Override
    public LoadedModel open(@Nullable Splits data) {
      LoadedModel model = open(TeacherView.standard(), data);
      if (data != null) {
        TeacherInput.ofState(data, TeacherView.standard()).say(toString());
      }
      return model;
    }

    /**
     * Loads the weights into a network for images in a view, and says nothing of what is assumed.
     *
     * @param data what holds where the view does not say; null for none
     * @throws IllegalArgumentException if {@code data} is needed, or the view is one that no
     *     network of Retort's reads
     */
    public LoadedModel open(TeacherView view, @Nullable Splits data) {
      if (data == null
          && (view.size() == null || view.statistics() == null || view.classes() == null)) {
        throw new IllegalArgumentException(
            this + ": the file records neither classes nor images; give the data (--data DATA)");
      }
      view.requireOwnLayout(toString());
      List<String> classes =
          view.classes() == null ? Objects.requireNonNull(data).classes() : view.classes();
      ChannelStatistics statistics =
          view.statistics() == null ? Objects.requireNonNull(data).statistics() : view.statistics();
      ModelInfo info = new ModelInfo(classes, statistics, Map.of());
      return new LoadedModel(load(view, data, classes.size()), info);
    }

    @Override
    public Teacher teacher(TeacherView view, Splits data, Precision precision, Device device) {
      if (view.isStandard()) {
        return ModelSource.super.teacher(view, data, precision, device);
      }
      Teacher teacher = external(view, data, precision, device);
      TeacherInput.ofState(data, view).say(toString());
      return teacher;
    }

    /** The network as one that was trained on images in another form. */
    ExternalTeacher external(TeacherView view, Splits data, Precision precision, Device device) {
      Network loaded =
          load(view, data, view.classes() == null ? data.classes().size() : view.classes().size());
      return new ExternalTeacher(new NetworkClassifier(loaded, precision, device), view, data);
    }

    static ImageShape shape(TeacherView view, @Nullable Splits data) {
      return Objects.requireNonNull(view.images(data == null ? null : data.inputShape()));
    }

    private Network load(TeacherView view, @Nullable Splits data, int classes) {
      if (view.outputs() != null && view.outputs() != Outputs.LOGITS) {
        throw new IllegalArgumentException(
            this + ": a network of Retort's gives logits: leave outputs out");
      }
      Network loaded =
          Networks.create(
              network,
              shape(view, data),
              classes,
              ScalarType.Float,
              RandomSource.of(0, "overwritten by the file"));
      try (TensorScope scope = TensorScope.open()) {
        StateLoader.load(loaded, StateFile.read(file), file.toString());
      }
      return loaded;
    }

    @Override
    public String toString() {
      return network + ":" + file;
    }
  }

  /** An ONNX or TorchScript file: a program, whose weights no network of ours has. */
  record External(Path file) implements ModelSource {
    private static final List<String> ENDINGS =
        List.of(OnnxModel.ENDING, ".pt", ".pth", ".ts", ".torchscript");

    @Override
    public Path place() {
      return file;
    }

    @Override
    public void requireNetwork() {
      throw noNetwork();
    }

    @Override
    public LoadedModel open(@Nullable Splits data) {
      throw noNetwork();
    }

    private IllegalArgumentException noNetwork() {
      return new IllegalArgumentException(
          "%s: a program of another framework, not a network of Retort's; it can be a teacher, evaluated, inspected, and asked about pictures"
              .formatted(file));
    }

    @Override
    public @Nullable ImageShape pictures() {
      return ExportMetadata.of(file).framed();
    }

    @Override
    public @Nullable Integer resize(int size) {
      return ExportMetadata.of(file).resize(size);
    }

    @Override
    public void warnOfImagesLearntFrom(Splits data) {
      ModelSource.super.warnOfImagesLearntFrom(
          ExportMetadata.of(file).heldOut(data.inputShape()), data);
    }

    @Override
    public ExternalTeacher teacher(
        TeacherView view, Splits data, Precision precision, Device device) {
      ExternalTeacher teacher = ExternalTeacher.open(file, view, data, device);
      TeacherInput.of(teacher, view, data).say(toString());
      return teacher;
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }

  /** The outputs of a model that cannot be run here: {@code recorded:FILE}. */
  record Recorded(Path file) implements ModelSource {
    private static final String PREFIX = "recorded:";

    @Override
    public Path place() {
      return file;
    }

    @Override
    public void requireNetwork() {
      throw noNetwork();
    }

    @Override
    public LoadedModel open(@Nullable Splits data) {
      throw noNetwork();
    }

    private IllegalArgumentException noNetwork() {
      return new IllegalArgumentException(
          this + ": outputs of a model, not the model; they can be a teacher, and be evaluated");
    }

    @Override
    public RecordedTeacher teacher(
        TeacherView view, Splits data, Precision precision, Device device) {
      if (view.size() != null
          || view.statistics() != null
          || view.layout() != Layout.NCHW
          || view.channels() != null) {
        throw new IllegalArgumentException(
            this
                + ": recorded outputs see no images: leave size, mean, std, layout and channels out");
      }
      return new RecordedTeacher(file, view.classes(), view.outputs(), data);
    }

    @Override
    public String toString() {
      return PREFIX + file;
    }
  }

  /**
   * Reads the spelling of MODEL.
   *
   * @param base what a relative path in it starts from: the configuration file's folder, or the
   *     working folder
   * @throws IllegalArgumentException if it names a state dictionary that is there, and a network
   *     that is not known
   */
  static ModelSource parse(String model, Path base) {
    if (model.startsWith(Bundled.PREFIX)) {
      return new Bundled(model.substring(Bundled.PREFIX.length()));
    }
    if (model.startsWith(Recorded.PREFIX)) {
      String file = model.substring(Recorded.PREFIX.length());
      return new Recorded(Folders.resolve(base, file));
    }
    int colon = model.indexOf(':');
    if (colon > 0 && Networks.names().contains(model.substring(0, colon))) {
      Path file = Folders.resolve(base, model.substring(colon + 1));
      return new StateOf(model.substring(0, colon), file);
    }
    Path path = Folders.resolve(base, model);
    if (colon > 0
        && !Files.exists(path)
        && Files.isRegularFile(base.resolve(model.substring(colon + 1)))) {
      Networks.require(model.substring(0, colon));
    }
    return External.ENDINGS.stream().anyMatch(model.toLowerCase(Locale.ROOT)::endsWith)
        ? new External(path)
        : new Saved(path);
  }

  /** Its file or folder; null of a bundled model. */
  default @Nullable Path place() {
    return null;
  }

  /**
   * Looks whether its file is there: who reads images first would hear of it much later.
   *
   * @throws WeightsException if it is not
   */
  default void requireThere() {
    Path place = place();
    if (place != null && !Files.exists(place)) {
      throw new WeightsException(place + ": no such file or folder");
    }
  }

  /**
   * Refuses what {@link #open} can never load: who reads images first would hear of it much later.
   *
   * @throws IllegalArgumentException if it is no network of Retort's
   */
  default void requireNetwork() {}

  /**
   * Loads the model; its tensors belong to the caller's scope.
   *
   * @param data whose classes and images it is for, where the file does not say; null where there
   *     are none
   * @throws WeightsException if it is missing or bad
   * @throws IllegalArgumentException if it is not known, or no network of Retort's, or {@code data}
   *     is needed
   */
  LoadedModel open(@Nullable Splits data);

  /**
   * The images that a network of Retort's reads; null where its file does not say, and for other
   * models, which bring images to what they read themselves.
   *
   * @throws WeightsException if the file is missing or bad
   */
  default @Nullable ImageShape input() {
    return null;
  }

  /**
   * The length that the shorter sides of pictures are scaled to before a middle of some size is cut
   * out for it, as it learnt; null where its file does not say, or it reads another size.
   *
   * @throws WeightsException if the file is missing or bad
   */
  default @Nullable Integer resize(int size) {
    return null;
  }

  /**
   * The images that pictures are brought to for another model, scaled as {@link #resize} says,
   * where an export of Retort's says so; null elsewhere.
   *
   * @throws WeightsException if the file is missing or bad
   */
  default @Nullable ImageShape pictures() {
    return null;
  }

  /**
   * Loads the model for images of given data; its tensors belong to the caller's scope. Its own
   * normalisation may be another: {@link Splits#seen} gives the images as it wants them. Where it
   * may have learnt from the images that these data hold out, a warning says so.
   *
   * @throws WeightsException if it is missing or bad, or for other images or classes
   */
  default LoadedModel openFor(Splits data) {
    LoadedModel model = open(data);
    model.requireClasses(toString(), data.classes());
    if (!model.network().input().equals(data.inputShape())) {
      throw new WeightsException(
          "%s reads images of %s, and the data have %s: bring them to what it reads (size and channels of the data)"
              .formatted(this, model.network().input(), data.inputShape()));
    }
    warnOfImagesLearntFrom(model.info().provenance().get(ModelInfo.HELD_OUT), data);
    return model;
  }

  /**
   * Warns where the model may have learnt from the images that given data hold out, as far as its
   * file says. {@link #openFor} does so itself.
   */
  default void warnOfImagesLearntFrom(Splits data) {}

  private void warnOfImagesLearntFrom(@Nullable String heldOut, Splits data) {
    if (heldOut != null && !heldOut.equals(data.heldOutDigest())) {
      LoggerFactory.getLogger(ModelSource.class)
          .warn(
              "{}: from its training other images were held out than those of {}, which may be among the ones that it learnt from; give the data with the options of its study, unless they are other images altogether, or an older build decoded the pictures otherwise",
              this,
              data.name());
    }
  }

  /**
   * Loads the model as a teacher, which the caller closes; its tensors belong to the caller's
   * scope.
   *
   * @param view how it wants its images, where its file does not say
   * @param data whose batches it will see
   * @throws WeightsException if it is missing or bad, or for other images or classes
   * @throws IllegalArgumentException if the view is not the standard one, and its file says itself
   *     how it wants its images
   */
  default Teacher teacher(TeacherView view, Splits data, Precision precision, Device device) {
    if (!view.isStandard()) {
      throw new IllegalArgumentException(
          "%s: the file records how its images are made: leave size, mean, std, layout, channels, classes and outputs out"
              .formatted(this));
    }
    LoadedModel model = openFor(data);
    return new NetworkTeacher(model, data.statistics(), precision, device);
  }
}
