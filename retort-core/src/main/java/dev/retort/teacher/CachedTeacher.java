package dev.retort.teacher;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.engine.EngineInfo;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.Processor;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.State;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A teacher that looks up in a {@link TeacherCache} what it has said of a view of an image before,
 * in whichever run, study or process that was, and adds what it says now. It is keyed by the
 * teacher (an ONNX teacher with all that is read of it), what computes here, the views' source, the
 * view and the image, never by a position in a batch. What is handed out has always gone through
 * the cache's format: it does not matter whether it was found, computed, or could not be kept.
 */
public final class CachedTeacher implements Teacher {
  private static final Logger LOG = LoggerFactory.getLogger(CachedTeacher.class);

  /** Of training, its second view, and validation with its own. */
  private static final int OPEN_PAGES = 4;

  private final Teacher teacher;
  private final TeacherCache cache;
  private final String key;
  private final Map<String, OutputFormat> formats = new TreeMap<>();
  private final Map<PageKey, Page> pages = new LinkedHashMap<>();

  /**
   * A teacher with a cache. The number of threads is no part of the key: where last bits depend on
   * it, {@link Teacher#runtime} says it.
   *
   * @param taps every representation that will be asked for, beside the logits
   * @param precision of the study: hidden representations are kept in bf16 with bf16, which loses
   *     nothing of a network that computes in it, and in fp16 with fp32; all is kept in fp64 with
   *     fp64
   */
  public CachedTeacher(Teacher teacher, Set<String> taps, Precision precision, TeacherCache cache) {
    this.teacher = teacher;
    this.cache = cache;
    EngineInfo engine = EngineInfo.read();
    Sha256 digest =
        new Sha256()
            .text(teacher.digest() + teacher.runtime())
            .text(precision.name())
            .text(engine.libtorch())
            .text(engine.platform())
            .text(engine.vectorInstructions())
            .text(Processor.name() + Processor.features());
    Processor.mathSettings().forEach((name, value) -> digest.text(name + "=" + value));
    if (teacher.outputsDependOnTaps()) {
      digest.text(new TreeSet<>(taps).toString());
    }
    this.key = digest.hex();
    ScalarType hidden =
        switch (precision) {
          case BF16 -> ScalarType.BFloat16;
          case FP32 -> ScalarType.Half;
          case FP64 -> ScalarType.Double;
        };
    for (String tap : taps) {
      formats.put(tap, new OutputFormat(hidden, shape(tap)));
    }
    ScalarType logits = precision == Precision.FP64 ? ScalarType.Double : ScalarType.Float;
    formats.put(Activations.LOGITS, new OutputFormat(logits, shape(Activations.LOGITS)));
  }

  /** Representations with values that their format cannot hold, of which was warned. */
  private final Set<String> large = new TreeSet<>();

  private record PageKey(ViewSource source, long view) {}

  private long[] shape(String tap) {
    long[] shape = teacher.shapes().get(tap);
    if (shape == null) {
      throw new IllegalArgumentException(
          "the teacher " + name() + " has no representation '" + tap + "'");
    }
    return shape;
  }

  @Override
  public String name() {
    return teacher.name();
  }

  @Override
  public String digest() {
    return teacher.digest();
  }

  @Override
  public String runtime() {
    return teacher.runtime();
  }

  @Override
  public boolean outputsDependOnTaps() {
    return teacher.outputsDependOnTaps();
  }

  @Override
  public @Nullable Long parameters() {
    return teacher.parameters();
  }

  @Override
  public @Nullable Long macs() {
    return teacher.macs();
  }

  @Override
  public Map<String, long[]> shapes() {
    return teacher.shapes();
  }

  @Override
  public @Nullable State state() {
    return teacher.state();
  }

  /** The bytes that one view of one image takes in the cache. */
  public long bytesAnImage() {
    return formats.values().stream()
        .mapToLong(format -> format.bytes() + OutputFile.CHECKSUM)
        .sum();
  }

  @Override
  public @Nullable UnaryOperator<Tensor> classifier() {
    return teacher.classifier();
  }

  @Override
  public boolean knows(Dataset images, Augmentation augmentation) {
    return teacher.knows(images, augmentation);
  }

  @Override
  public Activations activations(Batch batch, Set<String> wanted) {
    for (String tap : wanted) {
      if (!formats.containsKey(tap)) {
        throw new IllegalArgumentException(
            "the cache keeps " + formats.keySet() + " of the teacher, not '" + tap + "'");
      }
    }
    try (NoGrad noGrad = NoGrad.open()) {
      Page page = page(batch);
      Map<String, Tensor> records = page.read(batch.samples(), wanted);
      if (records == null) {
        records = new TreeMap<>();
        Activations computed = teacher.activations(batch, formats.keySet());
        for (Map.Entry<String, OutputFormat> format : formats.entrySet()) {
          Tensor values =
              Outputs.requireFinite(computed.get(format.getKey()), format.getKey(), name());
          warnOfLarge(format.getKey(), format.getValue(), values);
          records.put(format.getKey(), format.getValue().encode(values));
        }
        page.write(batch.samples(), records);
      }
      return decoded(records, wanted, batch.images());
    }
  }

  private void warnOfLarge(String name, OutputFormat format, Tensor values) {
    if (!large.contains(name) && format.clamps(values)) {
      large.add(name);
      LOG.warn(
          "{}: values of '{}' lie beyond ±65504, the largest of the 16 bits that hidden representations are kept in, and count as that: take another layer, or training.precision=fp64",
          name(),
          name);
    }
  }

  private Activations decoded(Map<String, Tensor> records, Set<String> wanted, Tensor images) {
    Map<String, Tensor> hidden = new LinkedHashMap<>();
    for (String tap : wanted) {
      if (!tap.equals(Activations.LOGITS)) {
        hidden.put(tap, decoded(records, tap, images));
      }
    }
    return new Activations(decoded(records, Activations.LOGITS, images), hidden);
  }

  /** The values that a record holds, of the images' type, on their device. */
  private Tensor decoded(Map<String, Tensor> records, String name, Tensor images) {
    OutputFormat format = formats.get(name);
    Tensor record = records.get(name);
    if (format == null || record == null) {
      throw new IllegalStateException("no record of " + name);
    }
    return Tensors.toDeviceOf(format.decode(record), images).to(images.scalar_type());
  }

  private Page page(Batch batch) {
    PageKey pageKey = new PageKey(batch.source(), batch.view());
    Page page = pages.remove(pageKey);
    if (page == null) {
      page = new Page(pageKey);
      if (pages.size() == OPEN_PAGES) {
        PageKey oldest = pages.keySet().iterator().next();
        pages.remove(oldest).close();
      }
    }
    pages.put(pageKey, page);
    return page;
  }

  /**
   * Closes the files, which may then be deleted where the cache needs room; the teacher that it
   * asks stays open.
   */
  @Override
  public void close() {
    pages.values().forEach(Page::close);
    pages.clear();
    cache.release(this);
  }

  private interface OfPart {
    boolean of(int[] samples, ByteBuffer records) throws IOException;
  }

  /** One view of all images: a file for each representation that can be kept. */
  private final class Page {
    private final Map<String, OutputFile> files = new TreeMap<>();
    private boolean saidDamaged;

    Page(PageKey of) {
      formats.forEach(
          (name, format) -> {
            String identity = name + " " + format;
            OutputFile file =
                cache.open(
                    CachedTeacher.this, key, of.source(), of.view(), identity, format.bytes());
            if (file != null) {
              files.put(name, file);
            }
          });
    }

    /** The records of the logits and of what is wanted; null unless all are known. */
    @Nullable Map<String, Tensor> read(int[] samples, Set<String> wanted) {
      Map<String, Tensor> records = new TreeMap<>();
      for (Map.Entry<String, OutputFormat> format : formats.entrySet()) {
        String name = format.getKey();
        if (wanted.contains(name) || name.equals(Activations.LOGITS)) {
          OutputFile file = files.get(name);
          Tensor record = format.getValue().room(samples.length);
          if (file == null || !read(file, samples, record)) {
            return null;
          }
          records.put(name, record);
        }
      }
      return records;
    }

    private boolean read(OutputFile file, int[] samples, Tensor record) {
      try {
        boolean known = inParts(samples, record, file::read);
        warnOfDamage(file);
        return known;
      } catch (IOException e) {
        cache.cannotBeUsed(e);
        return false;
      }
    }

    void write(int[] samples, Map<String, Tensor> records) {
      try {
        if (files.isEmpty() || !cache.mayGrow()) {
          return;
        }
        for (Map.Entry<String, OutputFile> file : files.entrySet()) {
          Tensor record = Objects.requireNonNull(records.get(file.getKey()));
          inParts(
              samples,
              record,
              (some, bytes) -> {
                file.getValue().write(some, bytes);
                return true;
              });
        }
      } catch (IOException e) {
        cache.cannotBeUsed(e);
      }
    }

    /** A buffer has less than 2³¹ bytes, which large maps of many images go beyond. */
    private static boolean inParts(int[] samples, Tensor records, OfPart action)
        throws IOException {
      int atOnce = Math.toIntExact(Math.max(1, Integer.MAX_VALUE / records.size(1)));
      boolean all = true;
      for (int first = 0; first < samples.length; first += atOnce) {
        int next = Math.min(samples.length, first + atOnce);
        ByteBuffer bytes = Tensors.bytes(records.narrow(0, first, next - first));
        all &= action.of(Arrays.copyOfRange(samples, first, next), bytes);
      }
      return all;
    }

    private void warnOfDamage(OutputFile file) {
      if (file.isDamaged() && !saidDamaged) {
        LOG.warn(
            "{} was cut short or altered, or another process is writing it: what is missing of the teacher's outputs is made again",
            file.path());
        saidDamaged = true;
      }
    }

    void close() {
      for (OutputFile file : files.values()) {
        try {
          file.close();
        } catch (IOException e) {
          cache.cannotBeUsed(e);
        }
      }
    }
  }
}
