package dev.retort.faults;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.retort.bench.AfterStep;
import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageFile;
import dev.retort.data.PixelView;
import dev.retort.data.PublishedFile;
import dev.retort.data.Splits;
import dev.retort.data.fetch.DatasetFetch;
import dev.retort.data.fetch.FetchProgress;
import dev.retort.data.fetch.FetchSource;
import dev.retort.data.fetch.PublishedFiles;
import dev.retort.engine.TensorScope;
import dev.retort.study.StudyFolder;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.RunName;
import dev.retort.system.Folders;
import dev.retort.system.Sha256;
import dev.retort.training.CheckpointFolder;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import dev.retort.weights.ModelFile;
import dev.retort.weights.SafeTensors;
import dev.retort.weights.StateFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.slf4j.LoggerFactory;

/** One whole file of each kind that faults are done to. */
final class Specimens {
  /** Enough for whatever a file of text or of weights grows to. */
  private static final long NOTHING = 0;

  /** Parquet's reader makes arrays of what a file declares; Java's heap is what bounds them. */
  private static final long OF_PAGES = Runtime.getRuntime().maxMemory();

  private static final int SIDE = 24;

  private final Path folder;
  private final List<Specimen> all = new ArrayList<>();

  /** What is done to a specimen, given its bytes and what is random. */
  @FunctionalInterface
  interface Trial {
    void run(Specimen specimen, byte[] whole, Random random) throws IOException;
  }

  private Specimens(Path folder) {
    this.folder = folder;
  }

  /** Tries each, which must be read untouched, and is whole again afterwards; nothing is logged. */
  static void each(FaultPlan plan, Tally tally, Trial trial) throws IOException {
    if (LoggerFactory.getLogger("dev.retort") instanceof Logger logger) {
      logger.setLevel(Level.OFF); // thousands of warnings are provoked
    }
    for (Specimen specimen : make(plan)) {
      byte[] whole = Files.readAllBytes(specimen.file());
      Specimen.Outcome untouched = specimen.outcome(); // loads its classes, too
      tally.check(
          untouched.kind() == Specimen.Kind.READ, specimen.kind() + " untouched: " + untouched);
      trial.run(specimen, whole, plan.random(specimen.kind()));
      Files.write(specimen.file(), whole);
    }
  }

  /** Makes them; CIFAR-10's files only where the plan says {@code cifar10=FOLDER}. */
  static List<Specimen> make(FaultPlan plan) throws IOException {
    Specimens specimens = new Specimens(plan.folder("specimens"));
    specimens.ofAStudy(plan);
    specimens.externalWeights();
    specimens.teachers();
    specimens.images();
    specimens.tables();
    specimens.texts();
    specimens.archive();
    String cifar10 = plan.setting("cifar10");
    if (cifar10 != null) {
      specimens.cifar10(Path.of(cifar10));
    }
    return specimens.all;
  }

  private void add(String kind, Path file, boolean digested, Specimen.Reader reader) {
    all.add(new Specimen(kind, file, digested, reader, NOTHING));
  }

  private void ofAStudy(FaultPlan plan) throws IOException {
    SmallStudy study = new SmallStudy("cross-entropy", 1, "fp32", true, 1);
    Path done = folder.resolve("done");
    study.run(plan.work(), done);
    RunName run = StudyFolder.open(done).plan().runs().get(0);
    Path runFolder = done.resolve("runs").resolve(run.toString());
    add("model", runFolder.resolve("student.safetensors"), true, Specimens::model);
    add(
        "result.json",
        runFolder.resolve("result.json"),
        false,
        file -> {
          if (StudyFolder.open(done).runs().result(run, false).isEmpty()) {
            throw new DataException("no result");
          }
        });
    add(
        "metrics.jsonl",
        runFolder.resolve("metrics.jsonl"),
        false,
        file -> StudyFolder.open(done).runs().metrics(run));
    add(
        "teacher.json",
        done.resolve("teacher.json"),
        false,
        file -> StudyFolder.open(done).teacher());
    add(
        "inputs.json",
        done.resolve("inputs.json"),
        false,
        file -> StudyFolder.open(done).summarize());
    add(
        "environment.json",
        done.resolve("environment.json"),
        false,
        file -> StudyFolder.open(done).environments());
    add(
        "resolved.yaml",
        done.resolve("resolved.yaml"),
        false,
        file -> StudyFolder.open(done).configuration());

    Path stopped = folder.resolve("stopped");
    StopRequest stop = new StopRequest();
    try {
      study.run(plan.work(), stopped, stop, new AfterStep(0, stop::request));
      throw new IllegalStateException("the study did not stop, so it has no checkpoint");
    } catch (StoppedException e) {
      Path checkpoints = stopped.resolve("runs").resolve(run.toString()).resolve("checkpoints");
      Specimen.Reader reader = file -> wholeCheckpoint(checkpoints);
      add("checkpoint", checkpoints.resolve("step-1-epoch-0.safetensors"), true, reader);
      add("manifest", checkpoints.resolve("step-1-epoch-0.json"), true, reader);
    }
  }

  private static void wholeCheckpoint(Path checkpoints) {
    if (new CheckpointFolder(checkpoints).latestStep() == 0) {
      throw new DataException("no whole checkpoint");
    }
  }

  private static void model(Path file) {
    try (TensorScope scope = TensorScope.open()) {
      ModelFile.load(file);
    }
  }

  private static void state(Path file) {
    try (TensorScope scope = TensorScope.open()) {
      StateFile.read(file);
    }
  }

  private void externalWeights() throws IOException {
    for (String name :
        List.of("state.pth", "no-checksums.pth", "legacy.pth", "old.pth", "checkpoint.pth")) {
      add(name, golden("weights/golden/" + name), false, Specimens::state);
    }
    add(
        "safetensors",
        golden("weights/golden/all-types.safetensors"),
        false,
        file -> {
          try (TensorScope scope = TensorScope.open()) {
            SafeTensors.read(file);
          }
        });
  }

  /** A copy of a file of the library's tests. */
  private Path golden(String name) throws IOException {
    Path golden =
        Path.of(System.getProperty("retort.home", ".."))
            .resolve("retort-core/src/test/resources/dev/retort")
            .resolve(name);
    return Files.copy(golden, folder.resolve(golden.getFileName()));
  }

  private void teachers() throws IOException {
    for (String name : TeacherSpecimens.PROGRAMS) {
      add(name, golden("teacher/external/" + name), false, TeacherSpecimens::program);
    }
    for (String name : TeacherSpecimens.RECORDS) {
      add("recorded " + name, golden("teacher/recorded/" + name), false, TeacherSpecimens::records);
    }
  }

  private void tables() throws IOException {
    Path table = golden("data/parquet/names.parquet");
    DatasetOptions square =
        new DatasetOptions(
            SIDE, null, null, null, null, 0, Unreadable.STOP, null, null, null, null);
    all.add(
        new Specimen(
            "pictures in Parquet",
            table,
            false,
            file ->
                everyImage(
                    DatasetSource.parse("parquet:" + file, Path.of("")).open(square).train()),
            OF_PAGES));
    Path idx = Files.createDirectory(folder.resolve("idx"));
    byte[] pixels = new byte[20 * 6];
    new Random(3).nextBytes(pixels);
    byte[] labels = new byte[20];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (i % 2);
    }
    for (String part : List.of("train", "t10k")) {
      idx(idx.resolve(part + "-images-idx3-ubyte"), pixels, 20, 2, 3);
      idx(idx.resolve(part + "-labels-idx1-ubyte"), labels, 20);
    }
    Specimen.Reader reader = file -> everyImage(opened("idx:" + idx).train());
    add("IDX images", idx.resolve("train-images-idx3-ubyte"), false, reader);
    add("IDX labels", idx.resolve("train-labels-idx1-ubyte"), false, reader);
  }

  private static Splits opened(String data) {
    return DatasetSource.parse(data, Path.of("")).open();
  }

  private static void everyImage(Dataset images) {
    PixelView pixels = new PixelView();
    for (int i = 0; i < images.size(); i++) {
      images.read(i, pixels);
    }
  }

  private static void idx(Path file, byte[] values, int... sizes) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(4 + 4 * sizes.length);
    header.putInt(0x08 << 8 | sizes.length);
    for (int size : sizes) {
      header.putInt(size);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(header.array());
      out.write(values);
    }
  }

  private void images() throws IOException {
    BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int i = 0; i < SIDE * SIDE; i++) {
      picture.setRGB(i % SIDE, i / SIDE, random.nextInt(1 << 24));
    }
    for (String format : List.of("png", "jpg", "bmp", "gif", "tiff")) {
      Path file = folder.resolve("picture." + format);
      ImageIO.write(picture, format, file.toFile());
      // A picture's header may declare a hundred million pixels, of which each takes 4 + 3 bytes.
      Specimen.Reader reader = f -> ImageFile.read(f.toString(), Files.readAllBytes(f));
      all.add(new Specimen(format, file, false, reader, 700_000_000));
    }
  }

  private void texts() throws IOException {
    Path file = folder.resolve("study.yaml");
    StringBuilder methods = new StringBuilder();
    FaultMethods.all().values().forEach(yaml -> methods.append("\n  - ").append(yaml));
    Files.writeString(
        file,
        """
        data: cifar10-mini
        teacher: bundled:cifar10
        students: [resnet8, {network: resnet20, name: other}]
        training: {epochs: 1, schedule: {cosine: {warmUp: 0.1}}}
        methods:%s
        """
            .formatted(methods));
    add("configuration", file, false, f -> ConfigurationReader.standard().readStudy(f, List.of()));
  }

  private void archive() throws IOException {
    Path file = folder.resolve("cifar.tar.gz");
    byte[] content = new byte[2000];
    new Random(2).nextBytes(content);
    String folderInside = "made-batches";
    List<String> names = List.of("data_batch_1.bin", "test_batch.bin");
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
      for (String name : names) {
        TarArchiveEntry entry = new TarArchiveEntry(folderInside + "/" + name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    Path to = folder.resolve("fetched");
    PublishedFiles published =
        new PublishedFiles(
            "made",
            new FetchSource.Local(file),
            folderInside,
            names.stream()
                .map(name -> new PublishedFile(name, content.length, Sha256.of(content)))
                .toList(),
            "names.txt",
            List.of("a", "b"));
    add(
        "archive",
        file,
        false,
        f -> {
          Folders.delete(to); // or it would not be read once more
          new DatasetFetch(published).fetch(new FetchSource.Local(f), to, FetchProgress.NONE);
        });
  }

  private void cifar10(Path from) throws IOException {
    Path copy = Files.createDirectory(folder.resolve("cifar10"));
    long whole = 0;
    for (int i = 0; i < 6; i++) {
      String name = i == 0 ? "test_batch.bin" : "data_batch_" + i + ".bin";
      Files.copy(from.resolve(name), copy.resolve(name));
      whole += Files.size(copy.resolve(name));
    }
    Path file = copy.resolve("data_batch_3.bin");
    all.add(new Specimen("CIFAR-10", file, true, damaged -> opened("cifar10:" + copy), whole));
  }
}
