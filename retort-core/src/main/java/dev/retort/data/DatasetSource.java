package dev.retort.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What DATA names, on the command line and in a configuration: {@code cifar10:DIR}. Nothing is read
 * before {@link #open}.
 *
 * @param format how the images are stored
 * @param path the folder or file, or null where the format needs none
 */
public record DatasetSource(Format format, @Nullable Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetSource.class);

  /** The ways in which images come. */
  public enum Format {
    CIFAR10_MINI(Cifar10Mini.NAME, null, "7,000 images of CIFAR-10, bundled with Retort"),
    CIFAR10("cifar10", "DIR", "CIFAR-10's official binary files in a folder"),
    CIFAR100("cifar100", "DIR", "CIFAR-100's official binary files in a folder"),
    FOLDER(
        "folder",
        "DIR",
        "pictures in a folder for each class, perhaps below train, validation and test"),
    IDX("idx", "DIR", "MNIST, Fashion-MNIST and others of their form, plain or gzipped"),
    PARQUET("parquet", "FILE|DIR", "pictures in Parquet tables as the Hugging Face hub has them");

    private final String prefix;
    private final @Nullable String operand;
    private final String description;

    Format(String prefix, @Nullable String operand, String description) {
      this.prefix = prefix;
      this.operand = operand;
      this.description = description;
    }

    /** How it is written: {@code cifar10:DIR}. */
    public String spelling() {
      return operand == null ? prefix : prefix + ":" + operand;
    }

    /** What it is, in a few words. */
    public String description() {
      return description;
    }
  }

  public DatasetSource {
    if ((format.operand == null) != (path == null)) {
      throw new IllegalArgumentException("data are written " + format.spelling());
    }
  }

  /**
   * Reads the spelling of DATA.
   *
   * @param base what a relative path in it starts from: the configuration file's folder, or the
   *     working folder
   * @throws IllegalArgumentException if the format is unknown, or its path is missing or one too
   *     many
   */
  public static DatasetSource parse(String data, Path base) {
    int colon = data.indexOf(':');
    String prefix = colon < 0 ? data : data.substring(0, colon);
    String operand = colon < 0 ? "" : data.substring(colon + 1);
    for (Format format : Format.values()) {
      if (format.prefix.equals(prefix)) {
        if ((format.operand == null) == (colon < 0) && (colon < 0 || !operand.isBlank())) {
          return new DatasetSource(format, colon < 0 ? null : base.resolve(operand).normalize());
        }
        throw new IllegalArgumentException(
            "data \"" + data + "\": it is written " + format.spelling());
      }
    }
    String known =
        Arrays.stream(Format.values()).map(Format::spelling).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("unknown data \"" + data + "\": one of " + known);
  }

  /**
   * Reads the images as they are.
   *
   * @throws DataException if they are missing or bad
   */
  public Splits open() {
    return open(DatasetOptions.STANDARD);
  }

  /**
   * Reads the images.
   *
   * @throws DataException if they are missing or bad
   * @throws IllegalArgumentException if an option makes no sense for them
   */
  public Splits open(DatasetOptions options) {
    return open(options, null, InspectionProgress.NONE);
  }

  /**
   * Reads the images for a network.
   *
   * @param input what it reads, to which pictures are brought; arrays keep their channels
   * @throws DataException if they are missing or bad
   * @throws IllegalArgumentException if an option makes no sense for them
   */
  public Splits open(DatasetOptions options, ImageShape input) {
    return open(options, input, InspectionProgress.NONE);
  }

  /**
   * The same, which takes long the first time: every picture is decoded once.
   *
   * @param input what a network reads; null for what the options say
   * @param progress hears how far it is
   * @throws DataException if images are missing or bad
   * @throws IllegalArgumentException if an option makes no sense for them
   */
  public Splits open(
      DatasetOptions options, @Nullable ImageShape input, InspectionProgress progress) {
    return look(options, input, false, progress).splits();
  }

  /**
   * Reads every image, also those that were found good before.
   *
   * @param progress hears how far it is
   * @throws DataException if there are missing or bad ones
   */
  public Verification verify(DatasetOptions options, InspectionProgress progress) {
    return look(options, null, true, progress);
  }

  private Verification look(
      DatasetOptions options,
      @Nullable ImageShape input,
      boolean again,
      InspectionProgress progress) {
    DecodedMemory memory = options.memory();
    Verification labelled = labelled(options, input, again, memory, progress);
    List<String> warnings = new ArrayList<>(labelled.warnings());
    Splits splits = labelled.splits();
    if (options.unlabelled() != null) {
      FoundImages more = ImageFolder.unlabelled(options.unlabelled(), splits.classes());
      warnings.addAll(more.warnings());
      splits = splits.withUnlabelled(more, options, again, memory, progress);
    }
    warnings.forEach(LOG::warn);
    return new Verification(splits, warnings, labelled.sizes());
  }

  private Verification labelled(
      DatasetOptions options,
      @Nullable ImageShape input,
      boolean again,
      DecodedMemory memory,
      InspectionProgress progress) {
    return switch (format) {
      case FOLDER -> {
        options.requireNoColumns(toString());
        yield ImageFolder.find(required(path), options)
            .open(options, input, again, memory, progress);
      }
      case PARQUET ->
          ParquetImages.find(required(path), options).open(options, input, again, memory, progress);
      case CIFAR10_MINI -> arrays(Cifar10Mini.read(), options, input);
      case CIFAR10 -> arrays(Cifar10.read(required(path)), options, input);
      case CIFAR100 -> arrays(Cifar100.read(required(path)), options, input);
      case IDX -> arrays(Idx.read(required(path)), options, input);
    };
  }

  /** Images of one size that are in memory: a size that is asked for is that of their views. */
  private Verification arrays(Splits splits, DatasetOptions options, @Nullable ImageShape input) {
    options.requireArrays(toString());
    ImageShape own = splits.inputShape();
    int channels = options.channels() == null ? own.channels() : options.channels();
    if (options.resize() != null || channels != own.channels()) {
      throw new IllegalArgumentException(
          this + " has images of " + own + ": resize and other channels are for pictures in files");
    }
    ImageShape size = input == null ? own : input;
    Splits sized =
        new Splits(
            splits.name(),
            splits.train(),
            splits.validation(),
            splits.test(),
            options.size() == null
                ? new ImageShape(channels, size.height(), size.width())
                : new ImageShape(channels, options.size(), options.size()),
            splits.statistics());
    return new Verification(sized, List.of(), null);
  }

  private static Path required(@Nullable Path path) {
    if (path == null) {
      throw new AssertionError("checked by the constructor");
    }
    return path;
  }

  @Override
  public String toString() {
    return path == null ? format.prefix : format.prefix + ":" + path;
  }
}
