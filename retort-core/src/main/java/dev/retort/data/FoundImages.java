package dev.retort.data;

import dev.retort.data.DatasetOptions.Unreadable;
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

/**
 * Pictures as they were found, before any is decoded: what a folder or a table has in common.
 *
 * @param name what DATA was called
 * @param labels one for each picture
 * @param parts which part each belongs to
 */
record FoundImages(
    String name, List<String> classes, EncodedImages images, int[] labels, List<Part> parts) {
  private static final Logger LOG = LoggerFactory.getLogger(FoundImages.class);
  private static final int PROBLEMS_SHOWN = 20;

  /** Before it is seen whether there are several sizes. */
  private static final int HEADERS_AT_ONCE = 1000;

  /** What images are for. */
  enum Part {
    TRAIN,
    VALIDATION,
    TEST
  }

  /**
   * Looks at every picture once, sets apart the parts that are missing, and computes the
   * statistics. What was found is kept in the user's cache folder until a file changes; only those
   * that could not be read are looked at each time.
   *
   * @param input the shape that a network reads; null for what the options say
   * @param again whether to look at all pictures although that is known
   * @param memory what decoded pictures may take, of these and of others
   * @throws DataException if there are unreadable ones, unless they are skipped
   */
  Splits open(
      DatasetOptions options, @Nullable ImageShape input, boolean again, DecodedMemory memory) {
    ImageShape shape = input == null ? shape(options, again) : input;
    return split(checked(options, shape, again), options, shape, memory);
  }

  private ImageInspection checked(DatasetOptions options, ImageShape shape, boolean again) {
    ImageInspection inspection = inspect(options, shape, again);
    List<String> problems = inspection.problems();
    if (!problems.isEmpty() && options.unreadable() == Unreadable.STOP) {
      throw new DataException(complaint(problems));
    }
    problems.forEach(problem -> LOG.warn("left out: {}", problem));
    return inspection;
  }

  /**
   * All pictures as one data set, for images of a known shape.
   *
   * @throws DataException likewise
   */
  Dataset all(DatasetOptions options, ImageShape shape, boolean again, DecodedMemory memory) {
    ImageInspection inspection = checked(options, shape, again);
    return dataset("all", inspection.readable(), inspection, options, memory);
  }

  private ImageShape shape(DatasetOptions options, boolean again) {
    int channels = options.channels() == null ? 3 : options.channels();
    if (options.size() != null) {
      return new ImageShape(channels, options.size(), options.size());
    }
    List<ImageShape> sizes = sizes(again);
    if (sizes.size() > 1) {
      throw new DataException(
          name
              + " has images of "
              + sizes.get(0).width()
              + "x"
              + sizes.get(0).height()
              + ", of "
              + sizes.get(1).width()
              + "x"
              + sizes.get(1).height()
              + " and perhaps others: say to which size they are brought (data.size in a"
              + " configuration, --size on the command line)");
    }
    return sizes.isEmpty()
        ? new ImageShape(channels, 1, 1)
        : new ImageShape(channels, sizes.get(0).height(), sizes.get(0).width());
  }

  /** The sizes that pictures have, two at most; kept until a file changes. */
  private List<ImageShape> sizes(boolean again) {
    InspectionStore store = InspectionStore.ofSizes(images);
    ImageShape @Nullable [] known = again ? null : store.load(ImageShape[].class);
    if (known != null) {
      return List.of(known);
    }
    Set<ImageShape> sizes = new LinkedHashSet<>();
    boolean allRead = true;
    for (int first = 0; first < images.size() && sizes.size() < 2; first += HEADERS_AT_ONCE) {
      int begin = first;
      int count = Math.min(HEADERS_AT_ONCE, images.size() - begin);
      List<Optional<ImageShape>> found =
          new ArrayList<>(Collections.nCopies(count, Optional.empty()));
      ParallelLoop.run(count, i -> found.set(i, ImageFile.size(images, begin + i)));
      for (Optional<ImageShape> size : found) {
        size.ifPresent(sizes::add);
        allRead &= size.isPresent();
      }
    }
    List<ImageShape> two = sizes.stream().limit(2).toList();
    if (allRead) {
      store.save(two);
    }
    return two;
  }

  private ImageInspection inspect(DatasetOptions options, ImageShape shape, boolean again) {
    InspectionStore store = InspectionStore.of(images, shape, options.cropShare());
    ImageInspection known = again ? null : store.load(images.size());
    if (known == null) {
      LOG.info("looking at {} images of {} once", images.size(), name);
      ImageInspection made = ImageInspection.of(images, shape, options.cropShare());
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
    String more =
        problems.size() > PROBLEMS_SHOWN
            ? "\n  and " + (problems.size() - PROBLEMS_SHOWN) + " more"
            : "";
    return name
        + ": "
        + problems.size()
        + " of "
        + images.size()
        + " images cannot be read. Repair or remove them, or leave them out (unreadable: skip in a"
        + " configuration, --skip-unreadable on the command line):\n  "
        + problems.stream().limit(PROBLEMS_SHOWN).collect(Collectors.joining("\n  "))
        + more;
  }

  private Splits split(
      ImageInspection inspection, DatasetOptions options, ImageShape shape, DecodedMemory memory) {
    int[] train = good(inspection, i -> parts.get(i) == Part.TRAIN);
    int[] validation = good(inspection, i -> parts.get(i) == Part.VALIDATION);
    int[] test = good(inspection, i -> parts.get(i) == Part.TEST);
    refuseShareOf(Part.TEST, options.test() != null);
    refuseShareOf(Part.VALIDATION, options.validation() != null);
    if (options.splitSeed() != 0 && parts.containsAll(List.of(Part.values()))) {
      throw new IllegalArgumentException(
          name + " has its own parts for validation and test: splitSeed cannot be given");
    }
    if (!parts.contains(Part.TEST)) {
      test = chosen(train, options.testShare(), options.splitSeed(), "test");
      train = without(train, test);
    }
    if (!parts.contains(Part.VALIDATION)) {
      validation = chosen(train, options.validationShare(), options.splitSeed(), "validation");
      train = without(train, validation);
    }
    ChannelStatistics statistics =
        inspection.statistics(name, train, (long) shape.height() * shape.width());
    return new Splits(
        name,
        dataset("train", train, inspection, options, memory),
        dataset("validation", validation, inspection, options, memory),
        dataset("test", test, inspection, options, memory),
        shape,
        statistics);
  }

  private void refuseShareOf(Part part, boolean given) {
    if (given && parts.contains(part)) {
      String key = part.name().toLowerCase(Locale.ROOT);
      throw new IllegalArgumentException(
          name + " has its own part for " + key + ": the share " + key + " cannot be given");
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

  private DecodedDataset dataset(
      String part,
      int[] indices,
      ImageInspection inspection,
      DatasetOptions options,
      DecodedMemory memory) {
    return new DecodedDataset(
        name + "/" + part,
        classes,
        new SelectedImages(images, indices),
        IntStream.of(indices).map(i -> labels[i]).toArray(),
        inspection.contents(indices),
        options.cropShare(),
        memory);
  }
}
