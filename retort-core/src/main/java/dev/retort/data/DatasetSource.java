package dev.retort.data;

import dev.retort.system.Folders;
import dev.retort.system.Providers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What DATA names, on the command line and in a configuration: {@code cifar10:DIR}. Nothing is read
 * before {@link #open}.
 *
 * @param provider of the images
 * @param path the folder or file, or null where the provider needs none
 */
public record DatasetSource(DatasetProvider provider, @Nullable Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetSource.class);

  /** Whose folders are classes. */
  private static final String FOLDER = "folder";

  private static final List<DatasetProvider> OWN =
      List.of(
          new Own(
              Cifar10Mini.NAME,
              null,
              "7,000 images of CIFAR-10, bundled with Retort",
              none -> Cifar10Mini.read()),
          new Own("cifar10", "DIR", "CIFAR-10's official binary files in a folder", Cifar10::read),
          new Own(
              "cifar100", "DIR", "CIFAR-100's official binary files in a folder", Cifar100::read),
          new Own(
              FOLDER,
              "DIR",
              "pictures in a folder for each class, perhaps below train, validation and test",
              ImageFolder::find),
          new Own(
              "idx",
              "DIR",
              "MNIST, Fashion-MNIST and others of their form, plain or gzipped",
              Idx::read));

  private record Own(
      String name,
      @Nullable String place,
      String description,
      Function<Path, DatasetProvider.Images> finder)
      implements DatasetProvider {
    @Override
    public Images find(Path place, DatasetOptions options) {
      return finder.apply(place);
    }
  }

  public DatasetSource {
    if ((provider.place() == null) != (path == null)) {
      throw new IllegalArgumentException("data are written " + provider.spelling());
    }
  }

  /**
   * Retort's own kinds of data sets, then those of every {@link DatasetProvider} on the class path.
   *
   * @throws IllegalArgumentException if two have one name, or a provider cannot be used
   */
  public static List<DatasetProvider> providers() {
    Map<String, DatasetProvider> all = new LinkedHashMap<>();
    OWN.forEach(own -> all.put(own.name(), own));
    Providers.each(
        DatasetProvider.class,
        "a dataset provider",
        provider -> {
          if (all.putIfAbsent(provider.name(), provider) != null) {
            throw Providers.taken(provider, "data " + provider.name());
          }
        });
    return List.copyOf(all.values());
  }

  /**
   * Reads the spelling of DATA.
   *
   * @param base what a relative path in it starts from: the configuration file's folder, or the
   *     working folder
   * @throws IllegalArgumentException if the kind of data is unknown, or its path is missing or one
   *     too many
   */
  public static DatasetSource parse(String data, Path base) {
    int colon = data.indexOf(':');
    String prefix = colon < 0 ? data : data.substring(0, colon);
    String operand = colon < 0 ? "" : data.substring(colon + 1);
    List<DatasetProvider> known = providers();
    for (DatasetProvider provider : known) {
      if (provider.name().equals(prefix)) {
        if ((provider.place() == null) == (colon < 0) && (colon < 0 || !operand.isBlank())) {
          return new DatasetSource(provider, colon < 0 ? null : Folders.resolve(base, operand));
        }
        throw new IllegalArgumentException(
            "data \"" + data + "\": it is written " + provider.spelling());
      }
    }
    throw new IllegalArgumentException(
        "unknown data \"%s\": one of %s"
            .formatted(
                data,
                known.stream().map(DatasetProvider::spelling).collect(Collectors.joining(", "))));
  }

  /**
   * Refuses a folder for results that would become a class of the pictures, or whose figures would
   * be pictures without labels.
   *
   * @param unlabelled the folder of those; null for none
   * @throws IllegalArgumentException if it lies in their folder, or is it
   */
  public void requireOutside(Path results, @Nullable Path unlabelled) {
    Path place = Folders.real(results);
    if (path != null && provider.name().equals(FOLDER) && place.startsWith(Folders.real(path))) {
      throw new IllegalArgumentException(
          "%s lies in the folder of the pictures, whose folders are their classes: choose another place"
              .formatted(results));
    }
    if (unlabelled != null && place.startsWith(Folders.real(unlabelled))) {
      throw new IllegalArgumentException(
          "%s lies in the folder of the pictures without labels, and would have further ones: choose another place"
              .formatted(results));
    }
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
    return open(options, null, null, InspectionProgress.NONE);
  }

  /**
   * The same, which takes long the first time: every picture is decoded once.
   *
   * @param input what a network reads; null for what the options say
   * @param resize what the shorter sides of pictures in files are scaled to for it, where the
   *     options do not say; null for the size
   * @param progress hears how far it is
   * @throws DataException if images are missing or bad
   * @throws IllegalArgumentException if an option makes no sense for them
   */
  public Splits open(
      DatasetOptions options,
      @Nullable ImageShape input,
      @Nullable Integer resize,
      InspectionProgress progress) {
    return look(options, input, resize, false, progress).splits();
  }

  /**
   * Reads every image, also those that were found good before.
   *
   * @param progress hears how far it is
   * @throws DataException if there are missing or bad ones
   */
  public Verification verify(DatasetOptions options, InspectionProgress progress) {
    return look(options, null, null, true, progress);
  }

  private Verification look(
      DatasetOptions asked,
      @Nullable ImageShape input,
      @Nullable Integer resize,
      boolean again,
      InspectionProgress progress) {
    DecodedMemory memory = asked.memory();
    DatasetProvider.Images images = find(asked);
    DatasetOptions options =
        images instanceof FoundImages ? asked.withResize(resize, input) : asked;
    Verification labelled =
        images instanceof FoundImages pictures
            ? new ImageOpening(pictures, options, again, memory, progress).open(input)
            : arrays((Splits) images, options, input);
    List<String> warnings = new ArrayList<>(labelled.warnings());
    if (images instanceof FoundImages pictures && path != null) {
      warnOfAPart(pictures, path, asked, warnings);
    }
    Splits splits = labelled.splits();
    if (options.unlabelled() != null) {
      FoundImages more = ImageFolder.unlabelled(options.unlabelled(), splits.classes());
      warnings.addAll(more.warnings());
      Dataset unlabelled =
          new ImageOpening(more, options, again, memory, progress)
              .all(splits.inputShape(), warnings);
      splits.warnOfCopies(unlabelled, "unlabelled training", warnings);
      splits = splits.withUnlabelled(unlabelled);
    }
    warnings.forEach(LOG::warn);
    return new Verification(splits, warnings, labelled.sizes());
  }

  private DatasetProvider.Images find(DatasetOptions options) {
    if (!provider.hasColumns()) {
      options.requireNoColumns(toString());
    }
    DatasetProvider.Images images =
        provider.find(Objects.requireNonNullElse(path, Path.of("")), options);
    List<String> classes = images.classes();
    if (classes.size() < 2) {
      throw new DataException(
          "%s has %s, and a classifier needs at least two"
              .formatted(
                  this, classes.isEmpty() ? "no class" : "only the class " + classes.get(0)));
    }
    return images;
  }

  /** Who names a part to test on has it divided, unless told otherwise. */
  private void warnOfAPart(
      FoundImages pictures, Path path, DatasetOptions options, List<String> warnings) {
    if (options.test() == null
        && !pictures.parts().contains(FoundImages.Part.TEST)
        && ImageFolder.isNamedAsHeldOut(path)) {
      warnings.add(
          this
              + " is divided like other data, a tenth of it to test on; --test 1 tests on all of it");
    }
  }

  /** Images of one size that are in memory: a size that is asked for is that of their views. */
  private Verification arrays(Splits splits, DatasetOptions options, @Nullable ImageShape input) {
    options.requireArrays(toString());
    ImageShape own = splits.inputShape();
    int channels = options.channels() == null ? own.channels() : options.channels();
    if (options.cropShare() != 1 || channels != own.channels()) {
      throw new IllegalArgumentException(
          this + " has images of " + own + ": resize and other channels are for pictures in files");
    }
    ImageShape size = input == null ? own : input;
    ImageShape shape =
        options.size() == null
            ? new ImageShape(channels, size.height(), size.width())
            : new ImageShape(channels, options.size(), options.size());
    Splits sized = splits.seen(shape, splits.statistics());
    List<String> warnings = new ArrayList<>();
    sized.warnOfGaps(sized.counts(), warnings);
    return new Verification(sized, warnings, null);
  }

  @Override
  public String toString() {
    return path == null ? provider.name() : provider.name() + ":" + path;
  }
}
