package dev.retort.data;

import dev.retort.system.Sha256;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A data set's three parts. Training data train, validation data choose, test data are read once at
 * the end.
 *
 * @param name what DATA was called: {@code cifar10-mini}, {@code cifar10:/data}
 * @param inputShape the shape that a network for these images reads
 * @param statistics of the training images
 */
public record Splits(
    String name,
    Dataset train,
    Dataset validation,
    Dataset test,
    ImageShape inputShape,
    ChannelStatistics statistics)
    implements DatasetProvider.Images {
  private static final int CLASSES_SHOWN = 5;

  /**
   * @throws IllegalArgumentException if the parts have not the same classes in the same order, two
   *     classes have one name, or the statistics are of another number of channels than the images
   */
  public Splits {
    ClassNames.requireDistinct(train.classes(), name);
    for (Dataset part : List.of(validation, test)) {
      if (!part.classes().equals(train.classes())) {
        throw new IllegalArgumentException(
            "%s: the classes of %s and of %s are not the same: %s and %s"
                .formatted(
                    name,
                    train.name(),
                    part.name(),
                    ClassNames.shown(train.classes()),
                    ClassNames.shown(part.classes())));
      }
    }
    if (statistics.mean().length != inputShape.channels()) {
      throw new IllegalArgumentException(
          "%s: statistics of %d channels for images of %s"
              .formatted(name, statistics.mean().length, inputShape));
    }
  }

  /**
   * Of images that come without a part to validate: it is set apart from those that train, the same
   * share of each class.
   */
  public static Splits withoutValidation(
      String name, Dataset training, Dataset test, ImageShape inputShape) {
    int[] labels = IntStream.range(0, training.size()).map(training::label).toArray();
    int[] validation = StratifiedSplit.choose(labels, DatasetOptions.SHARE, 0, "validation");
    Dataset train =
        new Subset(training.name(), training, IndexList.others(validation, training.size()));
    return new Splits(
        name,
        train,
        new Subset(name + "/validation", training, validation),
        test,
        inputShape,
        ChannelStatistics.of(train));
  }

  /**
   * Adds a sentence for each part that lacks classes: they are not learnt, or not measured. That of
   * one picture is one, for example.
   *
   * @param inAll how many images each class has
   */
  void warnOfGaps(int[] inAll, List<String> warnings) {
    parts()
        .forEach(
            (part, images) -> {
              int[] counts = counts(images);
              List<String> missing =
                  IntStream.range(0, counts.length)
                      .filter(c -> counts[c] == 0)
                      .mapToObj(
                          c ->
                              String.format(
                                  Locale.ROOT, "%s (of %,d in all)", classes().get(c), inAll[c]))
                      .toList();
              // A part that is not there, or has no labels, lacks all of them.
              if (missing.isEmpty() || missing.size() == counts.length) {
                return;
              }
              int shown = Math.min(CLASSES_SHOWN, missing.size());
              int more = missing.size() - shown;
              warnings.add(
                  "%s has no %s image of %s%s"
                      .formatted(
                          name,
                          part,
                          String.join(", ", missing.subList(0, shown)),
                          more > 0 ? String.format(Locale.ROOT, " and %,d more", more) : ""));
            });
  }

  private Map<String, Dataset> parts() {
    Map<String, Dataset> parts = new LinkedHashMap<>();
    parts.put("training", train);
    parts.put("validation", validation);
    parts.put("test", test);
    return parts;
  }

  /** The same images for a network that reads them in another shape or by other statistics. */
  public Splits seen(ImageShape shape, ChannelStatistics by) {
    return new Splits(name, train, validation, test, shape, by);
  }

  /** How many images of each class there are. */
  int[] counts() {
    int[] sum = new int[classes().size()];
    for (Dataset part : parts().values()) {
      int[] ofPart = counts(part);
      Arrays.setAll(sum, c -> sum[c] + ofPart[c]);
    }
    return sum;
  }

  private static int[] counts(Dataset images) {
    int[] counts = new int[images.classes().size()];
    images.labelled().forEach(index -> counts[images.label(index)]++);
    return counts;
  }

  /** Adds a sentence for each part that is held out of which pictures are learnt from, too. */
  void warnOfCopies(Dataset learnt, String kind, List<String> warnings) {
    Map<String, Dataset> heldOut = parts();
    heldOut.remove("training");
    heldOut.forEach(
        (part, held) -> {
          long copies = DecodedDataset.copies(held, learnt);
          if (copies > 0) {
            warnings.add(
                String.format(
                    Locale.ROOT,
                    "%s: %,d of %,d %s images are %s images, too; what is measured on them says nothing of new ones",
                    name,
                    copies,
                    held.size(),
                    part,
                    kind));
          }
        });
  }

  /**
   * The same, and to train on, after the labelled images, pictures without labels: objectives that
   * need a label skip them. The statistics stay those of the labelled images.
   */
  Splits withUnlabelled(Dataset unlabelled) {
    return new Splits(
        name, new Concatenation(train, unlabelled), validation, test, inputShape, statistics);
  }

  /**
   * SHA-256, in hexadecimal, of the three parts' digests, of what normalises their images and of
   * the version of what renders their views.
   */
  public String digest() {
    Sha256 sha = new Sha256().text(train.digest()).text(validation.digest()).text(test.digest());
    sha.numbers(inputShape.channels(), inputShape.height(), inputShape.width());
    for (int c = 0; c < statistics.mean().length; c++) {
      sha.numbers(
          Float.floatToIntBits(statistics.mean()[c]),
          Float.floatToIntBits(statistics.standardDeviation()[c]));
    }
    sha.version("views", ViewRenderer.VERSION);
    if (ViewSource.resizes(train, inputShape)) {
      sha.version("resizing", Resizing.VERSION);
    }
    return sha.hex();
  }

  /** SHA-256, in hexadecimal, of the parts that a training on these data learns nothing from. */
  public String heldOutDigest() {
    return new Sha256().text(validation.digest()).text(test.digest()).hex();
  }

  /** The first part that has images, those to validate before all, for who looks at a few. */
  public Dataset some() {
    return Stream.of(validation, train, test)
        .filter(part -> part.size() > 0)
        .findFirst()
        .orElse(train);
  }

  /** The classes' names, the same for all three parts. */
  @Override
  public List<String> classes() {
    return train.classes();
  }
}
