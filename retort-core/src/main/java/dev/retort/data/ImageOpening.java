package dev.retort.data;

import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.FoundImages.Part;
import dev.retort.engine.ParallelLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From pictures as they were found to data sets: looks at each, and divides them. */
final class ImageOpening {
  private static final Logger LOG = LoggerFactory.getLogger(ImageOpening.class);
  private static final int PROBLEMS_SHOWN = 20;

  /** Pictures of several sizes that are only verified are looked at in one. */
  private static final int LOOKED_AT = 32;

  /** Before it is seen whether there are several sizes. */
  private static final int HEADERS_AT_ONCE = 1000;

  private final FoundImages found;
  private final EncodedImages images;
  private final int[] labels;
  private final DatasetOptions options;
  private final boolean again;
  private final DecodedMemory memory;
  private final InspectionProgress progress;

  /**
   * @param again whether to look at all pictures although that is known, and at those of several
   *     sizes although none is asked for
   * @param memory what decoded pictures may take, of these and of others
   */
  ImageOpening(
      FoundImages found,
      DatasetOptions options,
      boolean again,
      DecodedMemory memory,
      InspectionProgress progress) {
    this.found = found;
    this.images = found.images();
    this.labels = found.labels();
    this.options = options;
    this.again = again;
    this.memory = memory;
    this.progress = progress;
  }

  /**
   * All of them, for a network.
   *
   * @param input the shape that it reads; null for what the options say
   * @throws DataException if there are unreadable ones, unless they are skipped
   */
  Verification open(@Nullable ImageShape input) {
    int channels = options.channels() == null ? 3 : options.channels();
    List<ImageShape> sizes =
        input != null
            ? List.of(input)
            : options.size() != null
                ? List.of(new ImageShape(channels, options.size(), options.size()))
                : sizes(channels);
    String several = sizes.size() > 1 ? severalSizes(sizes) : null;
    if (several != null && !again) {
      throw new DataException(found.name() + " has " + several);
    }
    ImageShape shape =
        several == null ? sizes.get(0) : new ImageShape(channels, LOOKED_AT, LOOKED_AT);
    List<String> warnings = new ArrayList<>(found.warnings());
    ImageInspection inspection = checked(shape, warnings);
    return new Verification(split(inspection, shape, warnings), warnings, several);
  }

  private ImageInspection checked(ImageShape shape, List<String> warnings) {
    ImageInspection inspection = inspect(shape);
    List<String> problems = inspection.problems();
    if (!problems.isEmpty() && options.unreadable() == Unreadable.STOP) {
      throw new DataException(complaint(problems));
    }
    problems.forEach(problem -> LOG.warn("left out: {}", problem));
    if (!problems.isEmpty()) {
      warnings.add(
          "%s: %d of %d images cannot be read, and are left out"
              .formatted(found.name(), problems.size(), images.size()));
    }
    return inspection;
  }

  /**
   * All of them as one data set, for images of a known shape.
   *
   * @param warnings gets a sentence on those that are left out
   * @throws DataException likewise
   */
  Dataset all(ImageShape shape, List<String> warnings) {
    ImageInspection inspection = checked(shape, warnings);
    return dataset("all", inspection.readable(), inspection);
  }

  /** One or two of the pictures' own shapes; kept until a file changes. */
  private List<ImageShape> sizes(int channels) {
    InspectionStore store = InspectionStore.ofSizes(images);
    ImageShape @Nullable [] known = again ? null : store.load(ImageShape[].class);
    if (known != null) {
      return shapes(List.of(known), channels);
    }
    Set<ImageShape> sizes = new LinkedHashSet<>();
    boolean allRead = true;
    for (int first = 0; first < images.size() && sizes.size() < 2; first += HEADERS_AT_ONCE) {
      int begin = first;
      int count = Math.min(HEADERS_AT_ONCE, images.size() - begin);
      List<Optional<ImageShape>> read =
          new ArrayList<>(Collections.nCopies(count, Optional.empty()));
      ParallelLoop.run(count, i -> read.set(i, ImageFile.size(images, begin + i)));
      for (Optional<ImageShape> size : read) {
        size.ifPresent(sizes::add);
        allRead &= size.isPresent();
      }
    }
    List<ImageShape> two = sizes.stream().limit(2).toList();
    if (allRead) {
      store.save(two);
    }
    return shapes(two, channels);
  }

  /** A nominal shape where no header can be read. */
  private static List<ImageShape> shapes(List<ImageShape> sizes, int channels) {
    return sizes.isEmpty()
        ? List.of(new ImageShape(channels, 1, 1))
        : sizes.stream()
            .map(size -> new ImageShape(channels, size.height(), size.width()))
            .distinct()
            .toList();
  }

  private static String severalSizes(List<ImageShape> sizes) {
    return ("images of %dx%d, of %dx%d and perhaps others: give the size to which they are brought"
            + " (data.size in a configuration, --size on the command line)")
        .formatted(
            sizes.get(0).width(),
            sizes.get(0).height(),
            sizes.get(1).width(),
            sizes.get(1).height());
  }

  /**
   * Looks at every picture once. What was found is kept in the user's cache folder until a file
   * changes; only those that could not be read are looked at each time.
   */
  private ImageInspection inspect(ImageShape shape) {
    InspectionStore store = InspectionStore.of(images, shape, options.cropShare());
    ImageInspection known = again ? null : store.load(images.size());
    if (known == null) {
      LOG.info("looking at {} images of {} once", images.size(), found.name());
      ImageInspection made =
          ImageInspection.of(
              images,
              shape,
              options.cropShare(),
              done -> progress.looked(found.name(), done, images.size()));
      store.save(made);
      return made;
    }
    ImageInspection current = known.again(images, shape, options.cropShare());
    if (!current.problems().equals(known.problems())) {
      store.save(current);
    }
    return current;
  }

  private String complaint(List<String> problems) {
    long most = again ? problems.size() : PROBLEMS_SHOWN; // who verifies wants all of them
    String more = problems.size() > most ? "\n  and " + (problems.size() - most) + " more" : "";
    String shown = problems.stream().limit(most).collect(Collectors.joining("\n  "));
    return ("%s: %d of %d images cannot be read. Repair or remove them, or leave them out (unreadable:"
            + " skip in a configuration, --skip-unreadable on the command line):\n  %s%s")
        .formatted(found.name(), problems.size(), images.size(), shown, more);
  }

  /** Sets apart the parts that are missing, and computes the statistics. */
  private Splits split(ImageInspection inspection, ImageShape shape, List<String> warnings) {
    String name = found.name();
    List<Part> parts = found.parts();
    int[] train = good(inspection, i -> parts.get(i) == Part.TRAIN);
    int[] validation = good(inspection, i -> parts.get(i) == Part.VALIDATION);
    int[] test = good(inspection, i -> parts.get(i) == Part.TEST);
    refuseShareOf(Part.TEST, options.test() != null);
    refuseShareOf(Part.VALIDATION, options.validation() != null);
    if (options.splitSeed() != 0 && parts.containsAll(List.of(Part.values()))) {
      throw new IllegalArgumentException(
          name
              + " has its own parts for validation and test: leave splitSeed, or --split-seed, out");
    }
    if (!parts.contains(Part.TEST)) {
      test =
          options.testShare() == 1
              ? train
              : chosen(train, options.testShare(), options.splitSeed(), "test");
      train = without(train, test);
    }
    if (!parts.contains(Part.VALIDATION)) {
      validation = chosen(train, options.validationShare(), options.splitSeed(), "validation");
      train = without(train, validation);
    }
    boolean trains = train.length > 0;
    if (!trains) {
      warnings.add(
          name
              + " has no training images: where a model's file does not record how images are"
              + " normalised, it is by the statistics of the others");
    }
    ChannelStatistics statistics =
        inspection.statistics(
            name, trains ? train : inspection.readable(), (long) shape.height() * shape.width());
    Splits splits =
        new Splits(
            name,
            dataset("train", train, inspection),
            dataset("validation", validation, inspection),
            dataset("test", test, inspection),
            shape,
            statistics);
    splits.warnOfGaps(counts(), warnings);
    splits.warnOfCopies(splits.train(), "training", warnings);
    return splits;
  }

  private int[] counts() {
    int[] counts = new int[found.classes().size()];
    for (int label : labels) {
      if (label != Dataset.UNLABELLED) {
        counts[label]++;
      }
    }
    return counts;
  }

  private void refuseShareOf(Part part, boolean given) {
    if (given && found.parts().contains(part)) {
      String key = part.name().toLowerCase(Locale.ROOT);
      throw new IllegalArgumentException(
          found.name()
              + " has its own part for "
              + key
              + ": the share "
              + key
              + " cannot be given");
    }
  }

  private int[] good(ImageInspection inspection, IntPredicate belongs) {
    return IntStream.of(inspection.readable()).filter(belongs).toArray();
  }

  private int[] chosen(int[] from, double share, long seed, String purpose) {
    int[] own = IntStream.of(from).map(i -> labels[i]).toArray();
    return IntStream.of(StratifiedSplit.choose(own, share, seed, purpose))
        .map(i -> from[i])
        .toArray();
  }

  private static int[] without(int[] all, int[] some) {
    return IntStream.of(all).filter(i -> Arrays.binarySearch(some, i) < 0).toArray();
  }

  private DecodedDataset dataset(String part, int[] indices, ImageInspection inspection) {
    return new DecodedDataset(
        found.name() + "/" + part,
        found.classes(),
        new SelectedImages(images, indices),
        IntStream.of(indices).map(i -> labels[i]).toArray(),
        inspection.digests(indices),
        options.cropShare(),
        memory);
  }
}
