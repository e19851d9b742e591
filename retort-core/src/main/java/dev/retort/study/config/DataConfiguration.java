package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.DatasetSource;
import dev.retort.data.InspectionProgress;
import dev.retort.data.Splits;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The images, and how they become a data set. YAML: DATA alone, or {@code {source: DATA, size: 64,
 * …}}. Keys that are null hold as {@link DatasetOptions} says.
 *
 * @param source DATA, such as {@code cifar10:DIR} or {@code folder:photos}; required
 * @param size the height and width that networks read, in pixels. The shorter side is scaled to it
 *     as Pillow and torchvision do, bilinear with antialiasing, and the middle is cut out; null for
 *     the images' own, if all have one size
 * @param resize what the shorter side of a picture is scaled to before the middle is cut out, at
 *     most 4096; {@code 256} with {@code size: 224} is usual; null for {@code size}
 * @param channels of pictures: 1 makes them grey. Of arrays in CIFAR and IDX files: their own; null
 *     for 3, or the arrays' own
 * @param validation the share of each class of pictures that is set apart to validate, after {@code
 *     test}, where the data have no such part; null for 0.1
 * @param test the share of each class of pictures that is set apart to test, where the data have no
 *     such part; 1 makes all of them test images, to evaluate a model on; null for 0.1
 * @param splitSeed decides which pictures are set apart
 * @param unreadable {@code stop} lists the pictures that cannot be read, and does not begin; {@code
 *     skip} leaves them out, with a warning
 * @param imageColumn the column of a Parquet table with the images; null for the only column that
 *     fits
 * @param labelColumn the column of a Parquet table with the classes; null for the only column that
 *     fits
 * @param unlabelled a folder of pictures without classes that the student is distilled on too;
 *     objectives that need a label skip them; null for none
 * @param memoryGigabytes how much decoded pictures may take in each process, in 10⁹ bytes; null for
 *     half of the machine's memory
 */
public record DataConfiguration(
    @JsonProperty(required = true) String source,
    @Nullable Integer size,
    @Nullable Integer resize,
    @Nullable Integer channels,
    @Nullable Double validation,
    @Nullable Double test,
    long splitSeed,
    Unreadable unreadable,
    @Nullable String imageColumn,
    @Nullable String labelColumn,
    @Nullable String unlabelled,
    @Nullable Double memoryGigabytes) {
  @JsonCreator
  public DataConfiguration {
    if (source.isBlank()) {
      throw new IllegalArgumentException("source must not be empty");
    }
    new DatasetOptions( // checks the ranges
        size,
        resize,
        channels,
        validation,
        test,
        splitSeed,
        unreadable,
        imageColumn,
        labelColumn,
        null,
        memoryGigabytes);
  }

  /** Images as they are. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static DataConfiguration of(String source) {
    return new DataConfiguration(
        source, null, null, null, null, null, 0, Unreadable.STOP, null, null, null, null);
  }

  /**
   * Reads the images.
   *
   * @param progress hears how far it is, where pictures are looked at for the first time
   * @throws dev.retort.data.DataException if they are missing or bad
   * @throws ConfigurationException if a key makes no sense for them
   */
  public Splits open(InspectionProgress progress) {
    DatasetOptions options =
        new DatasetOptions(
            size,
            resize,
            channels,
            validation,
            test,
            splitSeed,
            unreadable,
            imageColumn,
            labelColumn,
            withoutLabels(),
            memoryGigabytes);
    try {
      return DatasetSource.parse(source, Path.of("")).open(options, null, null, progress);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("data: " + e.getMessage(), e);
    }
  }

  /**
   * Refuses a folder for results that is among the pictures.
   *
   * @throws IllegalArgumentException if it lies in one of their folders, or is one
   */
  public void requireOutside(Path results) {
    DatasetSource.parse(source, Path.of("")).requireOutside(results, withoutLabels());
  }

  private @Nullable Path withoutLabels() {
    return unlabelled == null ? null : Path.of(unlabelled);
  }
}
