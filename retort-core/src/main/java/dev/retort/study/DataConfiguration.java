package dev.retort.study;

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
 * @param source DATA, such as {@code folder:/photos}; required
 * @param size the height and width in pixels that networks read
 * @param resize the length of the shorter side before the middle is cut out
 * @param channels 3, or 1 for grey
 * @param validation the share of the training images that validate, of pictures without such a part
 * @param test the share of all images that test, likewise
 * @param splitSeed decides which images are set apart
 * @param unreadable what happens if there are images that cannot be read
 * @param imageColumn the column of a table with the images
 * @param labelColumn the column of a table with the classes
 * @param unlabelled a folder of pictures without labels that are trained on too; null for none
 * @param memoryGigabytes what decoded images may take, in 10⁹ bytes
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
            unlabelled == null ? null : Path.of(unlabelled),
            memoryGigabytes);
    try {
      return DatasetSource.parse(source, Path.of("")).open(options, null, progress);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("data: " + e.getMessage(), e);
    }
  }
}
