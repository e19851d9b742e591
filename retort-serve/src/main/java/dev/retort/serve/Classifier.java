package dev.retort.serve;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.retort.image.ImageDecoder;
import dev.retort.image.PictureRoom;
import dev.retort.image.Pixels;
import dev.retort.image.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A classifier of pictures: a file that {@code retort export MODEL --to onnx --preprocessing}
 * wrote, in ONNX Runtime. Pictures of any size are scaled and cut in the file's own graph, as
 * {@code retort predict} does it. One of which a side is more than 64 times the other is refused:
 * scaled, it could take far more memory than it does itself.
 *
 * <p>Threads may share one, and classify at the same time. Calls wait for each other where Java's
 * memory has no room for the pixels that all of them classify at once, as they are or, where those
 * are more, as they are scaled: each takes up to 15 bytes of it a pixel. A call with many pictures
 * classifies up to 64 MiB of them at once, or one that is larger.
 *
 * <p>Outside its heap ({@code -XX:MaxDirectMemorySize}) each call takes up to twice the bytes of
 * the pixels that it classifies at once, one to three a pixel. Up to 64 MiB of these are kept, or
 * up to an eighth of Java's memory if that is less, and later calls use them again, also those of
 * other classifiers; what is more goes with Java's garbage. While it is decoded, a progressive JPEG
 * takes up to six more a pixel. What ONNX Runtime takes comes on top. It keeps that for later
 * calls, but gives back what it can after a thin picture that was scaled to more than a million
 * pixels before it was cut.
 */
public final class Classifier implements AutoCloseable {
  private static final String PIXELS = "pixels";
  private static final String PROBABILITIES = "probabilities";

  /** So many pictures of one size are classified at once, if they are small. */
  private static final int MOST_AT_ONCE = 32;

  /** So many bytes of pictures at once, as they are and as they are scaled before they are cut. */
  private static final int ROOM = 1 << 26;

  /** How many times the shorter side of a picture the longer one may be. */
  private static final int MOST_ELONGATED = 64;

  /** After a picture that is scaled to more pixels ONNX Runtime gives its memory back. */
  private static final int LARGE = 1_000_000;

  private static final Pattern VERSION = Pattern.compile("(\\d{1,5})\\.(\\d{1,3})");

  private static final Pattern SHAPE = Pattern.compile("\\d{1,5}x(\\d{1,5})x(\\d{1,5})");

  private static final long LARGEST_FILE = Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 4);

  private static final Comparator<Prediction> MOST_PROBABLE_FIRST =
      (one, other) -> Float.compare(other.probability(), one.probability());

  /** Where ONNX Runtime reads pictures. */
  private static final Buffers BUFFERS = new Buffers(ByteBuffer::allocateDirect);

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final List<String> classes;
  private final int channels;

  /** The height and width that the file scales pictures to cover. */
  private final long[] covered;

  /** Those who classify share it; who closes has it alone. */
  private final ReadWriteLock closing = new ReentrantReadWriteLock();

  private boolean closed;

  private Classifier(OrtSession session, List<String> classes, int channels, long[] covered) {
    this.session = session;
    this.classes = classes;
    this.channels = channels;
    this.covered = covered;
  }

  /**
   * Opens an exported file, which must be one that you trust: ONNX Runtime reads whatever files it
   * names. Each call computes on its caller's thread.
   *
   * @throws IOException if the file is missing, no such export, or of 8-bit numbers, which ONNX
   *     Runtime before 1.26 computes wrongly on some processors; or if ONNX Runtime's library
   *     cannot be loaded
   */
  public static Classifier open(Path file) throws IOException {
    return open(file, 1);
  }

  /**
   * Opens an exported file.
   *
   * @param threads by which a single call computes, at least 1
   * @throws IllegalArgumentException if there are fewer threads
   * @throws IOException as {@link #open(Path)}
   */
  public static Classifier open(Path file, int threads) throws IOException {
    requireFile(file);
    if (isNamedToOthers(file)) {
      return open(
          file.toString(),
          threads,
          (environment, options) -> environment.createSession(file.toString(), options));
    }
    byte[] model = Files.readAllBytes(file);
    return open(
        file.toString(),
        threads,
        (environment, options) -> environment.createSession(model, options));
  }

  /**
   * Opens the bytes of an exported file, such as a resource of your jar, as {@link #open(Path)}
   * does.
   *
   * @throws IOException likewise
   */
  public static Classifier open(byte[] model) throws IOException {
    return open(model, 1);
  }

  /**
   * Opens the bytes of an exported file.
   *
   * @param threads by which a single call computes, at least 1
   * @throws IllegalArgumentException if there are fewer threads
   * @throws IOException as {@link #open(Path)}
   */
  public static Classifier open(byte[] model, int threads) throws IOException {
    return open(
        "the model", threads, (environment, options) -> environment.createSession(model, options));
  }

  /** Whether ONNX Runtime finds it by its name: it is on disk, in letters that it understands. */
  private static boolean isNamedToOthers(Path file) {
    return file.getFileSystem() == FileSystems.getDefault()
        && file.toString().codePoints().noneMatch(Character::isSupplementaryCodePoint);
  }

  /** How ONNX Runtime gets hold of a model. */
  @FunctionalInterface
  private interface Opening {
    OrtSession session(OrtEnvironment environment, OrtSession.SessionOptions options)
        throws OrtException;
  }

  /**
   * Opens a model.
   *
   * @param name for messages
   */
  private static Classifier open(String name, int threads, Opening opening) throws IOException {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      OrtSession session = opening.session(OrtEnvironment.getEnvironment(), options);
      try {
        return of(session, name);
      } catch (IOException | OrtException | RuntimeException e) {
        session.close();
        throw e;
      }
    } catch (OrtException e) {
      throw new IOException(name + ": ONNX Runtime refuses it: " + reason(e), e);
    } catch (LinkageError e) {
      throw unloadable(e);
    }
  }

  /** Says why ONNX Runtime's library could not be loaded, and what it needs. */
  static IOException unloadable(LinkageError failure) {
    return new IOException(
        "ONNX Runtime could not be loaded (%s). Its library needs Linux with glibc (not musl, as Alpine's) on x86-64 or aarch64, macOS on aarch64, or Windows on x86-64. Java's temporary folder %s, where it is unpacked, must be writable, not full and not mounted noexec"
            .formatted(cause(failure), System.getProperty("java.io.tmpdir")),
        failure);
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : cause(cause);
  }

  private static Classifier of(OrtSession session, String name) throws IOException, OrtException {
    TensorInfo input = tensor(session.getInputInfo(), PIXELS, 4);
    TensorInfo output = tensor(session.getOutputInfo(), PROBABILITIES, 2);
    Map<String, String> metadata = session.getMetadata().getCustomMetadata();
    List<String> classes = ClassNames.parse(metadata.getOrDefault("classes", ""));
    long[] covered = covered(metadata);
    if (input != null
        && output != null
        && input.type == OnnxJavaType.UINT8
        && output.type == OnnxJavaType.FLOAT
        && covered != null) {
      long[] shape = input.getShape();
      boolean anySize = shape[1] < 0 && shape[2] < 0;
      boolean named = !classes.isEmpty() && classes.size() == output.getShape()[1];
      if (anySize && named && (shape[3] == 1 || shape[3] == 3)) {
        requireRuntime(
            metadata.getOrDefault("numbers", ""),
            OrtEnvironment.getEnvironment().getVersion(),
            name);
        return new Classifier(session, classes, (int) shape[3], covered);
      }
    }
    throw new IOException(
        name
            + ": it does not read pictures of any size and name their classes;"
            + " write it with retort export MODEL --to onnx --preprocessing");
  }

  /** Height and width that the file scales pictures to cover; null if it does not say. */
  static long @Nullable [] covered(Map<String, String> metadata) {
    String side = metadata.get("resize");
    Matcher shape =
        SHAPE.matcher(side == null ? metadata.getOrDefault("input", "") : "3x" + side + "x" + side);
    return shape.matches()
        ? new long[] {Long.parseLong(shape.group(1)), Long.parseLong(shape.group(2))}
        : null;
  }

  /**
   * Refuses a file of 8-bit numbers where ONNX Runtime is older than 1.26: some multiply them
   * wrongly on processors with AMX.
   */
  static void requireRuntime(String numbers, String version, String name) throws IOException {
    Matcher parts = VERSION.matcher(version);
    boolean isOld =
        parts.lookingAt()
            && 1000 * Integer.parseInt(parts.group(1)) + Integer.parseInt(parts.group(2)) < 1026;
    if (numbers.equals("int8") && isOld) {
      throw new IOException(
          "%s: its 8-bit numbers need ONNX Runtime 1.26 or newer, and this is %s, which may compute them wrongly"
              .formatted(name, version));
    }
  }

  private static @Nullable TensorInfo tensor(
      Map<String, NodeInfo> nodes, String name, int dimensions) {
    NodeInfo node = nodes.get(name);
    return node != null
            && node.getInfo() instanceof TensorInfo tensor
            && tensor.getShape().length == dimensions
        ? tensor
        : null;
  }

  /** The classes, in the order of the model's outputs. */
  public List<String> classes() {
    return classes;
  }

  /**
   * Classifies a picture in memory, which must stand upright. Its transparency is left out. Java's
   * {@code ImageIO} converts the colours of a file with a profile, and {@link #classify(Path)} and
   * {@code retort predict} do not: the decisions may differ.
   *
   * @return every class, the most probable first
   * @throws IllegalArgumentException if it is neither grey nor RGB, too thin or too large
   * @throws UncheckedIOException if memory has no room for it now, or the thread is interrupted
   *     before there is
   * @throws IllegalStateException if this is closed, or ONNX Runtime fails
   */
  public List<Prediction> classify(BufferedImage image) {
    try (PictureRoom room = take(image, 1)) {
      return single(Pixels.of(image));
    } catch (OutOfMemoryError e) {
      throw new UncheckedIOException(PictureRoom.lacking(e));
    }
  }

  /**
   * Classifies a JPEG or PNG, turned as its Exif orientation says.
   *
   * @return every class, the most probable first
   * @throws UnreadableImageException if the file is no such picture, is damaged, has other colours
   *     than grey and RGB, has more pixels than Java's memory allows for, or is too thin
   * @throws IOException if it is missing, is larger than a gigabyte or than a quarter of Java's
   *     memory, or memory has no room for it now
   * @throws InterruptedIOException if the thread is interrupted before there is room
   * @throws IllegalStateException if this is closed, or ONNX Runtime fails
   */
  public List<Prediction> classify(Path file) throws IOException {
    requireFile(file);
    if (Files.size(file) > LARGEST_FILE) {
      throw new IOException(file + ": larger than a gigabyte, or than Java's memory allows for");
    }
    try {
      return classify(Files.readAllBytes(file));
    } catch (UnreadableImageException e) {
      throw new UnreadableImageException(file + ": " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw PictureRoom.lacking(e);
    }
  }

  /**
   * Classifies the bytes of a JPEG or PNG file, such as a service receives, as {@link
   * #classify(Path)} does.
   *
   * @return every class, the most probable first
   * @throws UnreadableImageException as that one: the picture is at fault
   * @throws IOException if memory has no room for it now
   * @throws InterruptedIOException if the thread is interrupted before there is room
   * @throws IllegalStateException if this is closed, or ONNX Runtime fails
   */
  public List<Prediction> classify(byte[] file) throws IOException {
    try {
      return ImageDecoder.decode(file, this::room, this::single);
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException(String.valueOf(e.getMessage()), e);
    }
  }

  private List<Prediction> single(Pixels picture) {
    return run(List.of(picture.withChannels(channels))).get(0);
  }

  /**
   * Classifies many pictures, neighbours of one size at once.
   *
   * @return in their order what {@link #classify(BufferedImage)} returns
   * @throws IllegalArgumentException at the first that it refuses, whose index the message has
   * @throws UncheckedIOException if memory has no room for them now, or the thread is interrupted
   *     before there is
   * @throws IllegalStateException if this is closed, or ONNX Runtime fails
   */
  public List<List<Prediction>> classify(List<BufferedImage> images) {
    List<List<Prediction>> predictions = new ArrayList<>();
    List<BufferedImage> waiting = new ArrayList<>();
    for (BufferedImage image : images) {
      if (!waiting.isEmpty() && !fits(image, waiting)) {
        predictions.addAll(atOnce(waiting, predictions.size()));
        waiting.clear();
      }
      waiting.add(image);
    }
    if (!waiting.isEmpty()) {
      predictions.addAll(atOnce(waiting, predictions.size()));
    }
    return List.copyOf(predictions);
  }

  private boolean fits(BufferedImage image, List<BufferedImage> waiting) {
    int height = image.getHeight();
    int width = image.getWidth();
    return height == waiting.get(0).getHeight()
        && width == waiting.get(0).getWidth()
        && waiting.size() < mostAtOnce(height, width);
  }

  /**
   * Classifies pictures of one size.
   *
   * @param before how many come before them, for messages
   */
  private List<List<Prediction>> atOnce(List<BufferedImage> images, int before) {
    List<Pixels> pictures = new ArrayList<>();
    try (PictureRoom room = take(images.get(0), images.size())) {
      for (BufferedImage image : images) {
        pictures.add(Pixels.of(image).withChannels(channels));
      }
      return run(pictures);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "picture %d: %s".formatted(before + pictures.size(), e.getMessage()), e);
    } catch (OutOfMemoryError e) {
      throw new UncheckedIOException(PictureRoom.lacking(e));
    }
  }

  /** Waits until there is room for so many pictures of a picture's size. */
  private PictureRoom take(BufferedImage image, int count) {
    try {
      return PictureRoom.take(count * room(image.getHeight(), image.getWidth()));
    } catch (InterruptedIOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * For how many pixels a picture takes room, upright or before it is turned.
   *
   * @throws IllegalArgumentException if it is too thin or too large
   */
  long room(long height, long width) {
    if (height * width > PictureRoom.MOST_PIXELS) {
      throw new IllegalArgumentException(
          "too large: %d x %d pixels, of which at most %d can be classified here"
              .formatted(width, height, PictureRoom.MOST_PIXELS));
    }
    if (Math.max(height, width) > MOST_ELONGATED * Math.min(height, width)) {
      throw new IllegalArgumentException(
          "too thin: %d x %d pixels, and one side may be %d times the other at most"
              .formatted(width, height, MOST_ELONGATED));
    }
    return Math.max(most(height, width), most(width, height));
  }

  private static void requireFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          file + (Files.isDirectory(file) ? ": a folder, not a file" : ": no such file"));
    }
  }

  /** A picture's pixels, or if they are more, those that it is scaled to. */
  private long most(long height, long width) {
    return Math.max(height * width, scaled(height, width));
  }

  /** The pixels that the file scales a picture to before it is cut. */
  private long scaled(long height, long width) {
    long rows = Math.max(covered[0], covered[1] * height / width);
    long columns = Math.max(covered[1], covered[0] * width / height);
    return rows * columns;
  }

  /** How many pictures of one size are classified at once; a larger one is alone. */
  long mostAtOnce(long height, long width) {
    return Math.min(MOST_AT_ONCE, ROOM / (channels * most(height, width)));
  }

  /**
   * Lets ONNX Runtime classify pictures.
   *
   * @param pictures at least one, all of one size
   */
  private List<List<Prediction>> run(List<Pixels> pictures) {
    Pixels first = pictures.get(0);
    long[] shape = {pictures.size(), first.height(), first.width(), channels};
    Lock open = closing.readLock();
    open.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the classifier is closed");
      }
      ByteBuffer buffer = BUFFERS.take(pictures.size() * first.bytes().length);
      pictures.forEach(picture -> buffer.put(picture.bytes()));
      buffer.flip();
      try (OnnxTensor input =
              OnnxTensor.createTensor(environment, buffer, shape, OnnxJavaType.UINT8);
          OrtSession.RunOptions options = new OrtSession.RunOptions()) {
        if (scaled(first.height(), first.width()) > LARGE) {
          options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
        }
        try (OrtSession.Result result =
            session.run(Map.of(PIXELS, input), Set.of(PROBABILITIES), options)) {
          return predictions(((OnnxTensor) result.get(0)).getFloatBuffer(), pictures.size());
        }
      } finally {
        BUFFERS.giveBack(buffer);
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime fails: " + reason(e), e);
    } finally {
      open.unlock();
    }
  }

  private List<List<Prediction>> predictions(FloatBuffer probabilities, int pictures) {
    List<List<Prediction>> all = new ArrayList<>(pictures);
    for (int i = 0; i < pictures; i++) {
      Prediction[] each = new Prediction[classes.size()];
      for (int c = 0; c < each.length; c++) {
        each[c] = new Prediction(classes.get(c), probabilities.get());
      }
      Arrays.sort(each, MOST_PROBABLE_FIRST);
      all.add(List.of(each));
    }
    return all;
  }

  /** The runtime's message without the place in its source. */
  private static String reason(OrtException failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("").strip();
  }

  /**
   * Waits for what ONNX Runtime is computing; what is left of calls, and later ones, are refused.
   * Closing it again does nothing.
   */
  @Override
  public void close() {
    Lock alone = closing.writeLock();
    alone.lock();
    try {
      if (!closed) {
        closed = true;
        BUFFERS.clear();
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot let go of it: " + reason(e), e);
    } finally {
      alone.unlock();
    }
  }
}
