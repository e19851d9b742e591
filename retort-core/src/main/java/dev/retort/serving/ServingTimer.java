package dev.retort.serving;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The program of a virtual machine that serves: it times ONNX files in ONNX Runtime, by turns, or
 * says what memory one takes. It needs ONNX Runtime and the JDK alone; {@link ServingProcess}
 * starts it.
 *
 * <pre>
 * time THREADS LARGEST-BATCH (FILE CHANNELS HEIGHT WIDTH LAYOUT MOST-NANOSECONDS)…
 * memory THREADS FILE CHANNELS HEIGHT WIDTH LAYOUT MOST-NANOSECONDS
 * </pre>
 *
 * LAYOUT is NCHW or NHWC, the order of an input whose shape does not show it.
 */
final class ServingTimer {
  static final String TIME = "time";
  static final String MEMORY = "memory";
  static final String CHANNELS_FIRST = "NCHW";
  static final String CHANNELS_LAST = "NHWC";

  /** The property that has the length of a round. */
  static final String ROUND_MILLISECONDS = "retort.roundMilliseconds";

  /** The rounds in which files are timed by turns, as in {@code retort bench}. */
  static final int ROUNDS = 5;

  /** Of one image a round: a thousand in all. */
  private static final int LEAST_CALLS = 200;

  private static final int MOST_CALLS = 2000;

  /** Of a whole batch a round. */
  private static final int LEAST_BATCHES = 5;

  /** What a round takes, where its fewest calls take less. */
  private static final long ROUND_NANOSECONDS =
      Long.getLong(ROUND_MILLISECONDS, 400) * 1_000_000; // tests take shorter ones

  /** Before the first round, so that everything is compiled and unpacked. */
  private static final long WARM_UP_NANOSECONDS = 300_000_000;

  private static final int LEAST_WARM_UP_CALLS = 5;

  /** Not counted at the start of each round: the caches hold another file's weights. */
  private static final int SETTLING_CALLS = 5;

  private static final int CALLS_FOR_MEMORY = 100;
  private static final int ARGUMENTS_A_FILE = 6;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private ServingTimer() {}

  /**
   * An open file, what it reads, and the time of a call in nanoseconds beyond which it is not timed
   * further than its warm-up.
   */
  private record Served(OrtSession session, List<Long> image, boolean channelsLast, long most) {}

  /**
   * Images that files of one type and shape share, since batches of large ones take much memory.
   */
  static final class Inputs implements AutoCloseable {
    private record Kind(OnnxJavaType type, List<Long> shape) {}

    private final Map<Kind, OnnxTensor> tensors = new HashMap<>();

    /** Images of noise: no value that a processor is slow at, as subnormal ones are. */
    OnnxTensor of(OnnxJavaType type, long[] shape) throws OrtException {
      Kind kind = new Kind(type, Arrays.stream(shape).boxed().toList());
      OnnxTensor known = tensors.get(kind);
      if (known == null) {
        known = noise(type, shape);
        tensors.put(kind, known);
      }
      return known;
    }

    @Override
    public void close() {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  /**
   * Prints {@code timing FILE BATCH CALLS P50 P99 P50-OF-ROUND…} in nanoseconds for each file, by
   * its number, and each size of batch that it takes, or {@code memory BYTES}; and {@code progress
   * DONE OF} on the way.
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws OrtException, IOException {
    endWithParent();
    boolean time = arguments[0].equals(TIME);
    int first = time ? 3 : 2;
    // Failures are thrown, and warnings would stand before them.
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Integer.parseInt(arguments[1]));
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      List<Served> files = new ArrayList<>();
      for (int i = first; i < arguments.length; i += ARGUMENTS_A_FILE) {
        files.add(
            new Served(
                session(environment, arguments[i], options),
                Arrays.stream(arguments, i + 1, i + 4).map(Long::valueOf).toList(),
                arguments[i + 4].equals(CHANNELS_LAST),
                Long.parseLong(arguments[i + 5])));
      }
      if (time) {
        try (Inputs inputs = new Inputs()) {
          time(files, 1, LEAST_CALLS, inputs);
        }
        int largest = Integer.parseInt(arguments[2]);
        if (largest > 1) {
          try (Inputs inputs = new Inputs()) {
            time(files, largest, LEAST_BATCHES, inputs);
          }
        }
      } else {
        try (Inputs inputs = new Inputs()) {
          OnnxTensor input = input(files.get(0), smallestBatch(files.get(0)), inputs);
          for (int i = 0; i < CALLS_FOR_MEMORY; i++) {
            call(files.get(0), input);
          }
        }
        System.out.println(MEMORY + " " + resident(STATUS));
      }
    }
  }

  private static OrtSession session(
      OrtEnvironment environment, String file, OrtSession.SessionOptions options)
      throws OrtException, IOException {
    // ONNX Runtime's Java side would look for another name.
    return file.codePoints().anyMatch(Character::isSupplementaryCodePoint)
        ? environment.createSession(Files.readAllBytes(Path.of(file)), options)
        : environment.createSession(file, options);
  }

  /** Who started it may be killed: its stdin ends then, and what would be measured is of no use. */
  private static void endWithParent() {
    Thread thread =
        new Thread(
            () -> {
              try {
                System.in.read();
              } catch (IOException e) {
                // It has ended.
              }
              Runtime.getRuntime().halt(1);
            },
            "retort-parent");
    thread.setDaemon(true);
    thread.start();
  }

  @SuppressWarnings("SystemOut")
  private static void time(List<Served> files, int batch, int leastCalls, Inputs shared)
      throws OrtException {
    int[] calls = new int[files.size()];
    List<OnnxTensor> inputs = new ArrayList<>();
    List<List<long[]>> rounds = new ArrayList<>();
    for (int i = 0; i < calls.length; i++) {
      rounds.add(new ArrayList<>());
      OnnxTensor input = takes(files.get(i), batch) ? input(files.get(i), batch, shared) : null;
      inputs.add(input);
      if (input == null) {
        continue;
      }
      long[] first = warmUp(files.get(i), input);
      long median = percentile(first, 50);
      // The quickest of a few calls, since other programs slow many of them.
      long quickest = Arrays.stream(first).min().orElseThrow();
      if (quickest > files.get(i).most()) {
        print(i, batch, new long[] {quickest}, List.of());
        files.get(i).session().close(); // gives back what large maps take
      } else {
        calls[i] =
            (int) Math.max(leastCalls, Math.min(MOST_CALLS, ROUND_NANOSECONDS / (median + 1)));
      }
      System.out.println("progress " + (i + 1) + " " + calls.length * (ROUNDS + 1));
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < calls.length; i++) {
        if (calls[i] > 0) {
          times(files.get(i), inputs.get(i), SETTLING_CALLS);
          rounds.get(i).add(times(files.get(i), inputs.get(i), calls[i]));
        }
        int done = calls.length * (round + 1) + i + 1;
        System.out.println("progress " + done + " " + calls.length * (ROUNDS + 1));
      }
    }
    for (int i = 0; i < calls.length; i++) {
      if (calls[i] > 0) {
        long[] all = rounds.get(i).stream().flatMapToLong(Arrays::stream).toArray();
        print(i, batch, all, rounds.get(i));
      }
    }
  }

  @SuppressWarnings("SystemOut")
  private static void print(int file, int batch, long[] all, List<long[]> rounds) {
    System.out.println(
        timing(
            file,
            batch,
            all.length,
            percentile(all, 50),
            percentile(all, 99),
            rounds.stream().map(round -> percentile(round, 50)).toList()));
  }

  /** What {@link Timing#read} reads: in the same digits, whatever the machine's language. */
  static String timing(
      int file, int batch, int calls, long median, long tail, List<Long> medianOfRounds) {
    return Stream.concat(
            Stream.of((long) file, (long) batch, (long) calls, median, tail),
            medianOfRounds.stream())
        .map(number -> Long.toString(number))
        .collect(Collectors.joining(" ", "timing ", ""));
  }

  private static long[] warmUp(Served file, OnnxTensor input) throws OrtException {
    long end = System.nanoTime() + WARM_UP_NANOSECONDS;
    List<Long> times = new ArrayList<>();
    while (times.size() < LEAST_WARM_UP_CALLS || System.nanoTime() < end) {
      times.add(times(file, input, 1)[0]);
    }
    return times.stream().mapToLong(Long::longValue).toArray();
  }

  private static long[] times(Served file, OnnxTensor input, int calls) throws OrtException {
    long[] times = new long[calls];
    for (int i = 0; i < calls; i++) {
      long start = System.nanoTime();
      call(file, input);
      times[i] = System.nanoTime() - start;
    }
    return times;
  }

  private static void call(Served file, OnnxTensor input) throws OrtException {
    String name = file.session().getInputNames().iterator().next();
    file.session().run(Map.of(name, input)).close();
  }

  /**
   * The smallest value that so many per cent of all do not exceed (nearest rank).
   *
   * @param values at least one
   * @param percent in (0, 100]
   */
  static long percentile(long[] values, int percent) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) (((long) percent * sorted.length + 99) / 100) - 1];
  }

  private static TensorInfo info(Served file) throws OrtException {
    return (TensorInfo) file.session().getInputInfo().values().iterator().next().getInfo();
  }

  private static boolean takes(Served file, int batch) throws OrtException {
    long fixed = info(file).getShape()[0];
    return fixed < 0 || fixed == batch;
  }

  /** One image, or as many as the file always takes. */
  private static int smallestBatch(Served file) throws OrtException {
    return Math.toIntExact(Math.max(1, info(file).getShape()[0]));
  }

  private static OnnxTensor input(Served file, int batch, Inputs inputs) throws OrtException {
    TensorInfo info = info(file);
    return inputs.of(info.type, shape(info.getShape(), batch, file.image(), file.channelsLast()));
  }

  private static OnnxTensor noise(OnnxJavaType type, long[] shape) throws OrtException {
    long size = Arrays.stream(shape).reduce(type.size, Math::multiplyExact);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(size)).order(ByteOrder.nativeOrder());
    Random random = new Random(0);
    while (bytes.hasRemaining()) {
      switch (type) {
        case FLOAT -> bytes.putFloat((float) random.nextGaussian());
        case DOUBLE -> bytes.putDouble(random.nextGaussian());
        // 1 … 2: the exponent of 1 and any fraction.
        case FLOAT16 -> bytes.putShort((short) (random.nextInt(0x400) | 0x3c00));
        case UINT8 -> bytes.put((byte) random.nextInt());
        default -> throw new IllegalArgumentException("images of " + type + " cannot be made up");
      }
    }
    bytes.rewind();
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), bytes, shape, type);
  }

  /**
   * An input's shape with a batch and an image in the places that it leaves open.
   *
   * @param image its channels, height and width; where the channels are fixed, the last two
   * @param channelsLast whether open channels are the last dimension
   */
  static long[] shape(long[] declared, long batch, List<Long> image, boolean channelsLast) {
    long[] shape = declared.clone();
    shape[0] = batch;
    int open = (int) Arrays.stream(shape).filter(size -> size < 0).count();
    List<Long> sizes =
        channelsLast && open == 3 ? List.of(image.get(1), image.get(2), image.get(0)) : image;
    int next = sizes.size() - open;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] < 0) {
        shape[i] = sizes.get(next++);
      }
    }
    return shape;
  }

  /** This process's resident memory in bytes; −1 where the system does not say. */
  private static long resident(Path status) throws IOException {
    if (!Files.isReadable(status)) {
      return -1;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(RESIDENT))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(-1);
  }
}
