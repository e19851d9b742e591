package dev.retort.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.engine.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what was found of a data set's pictures, in the user's cache folder, so that the next run
 * need not decode all of them before it begins. Without a place to write, nothing is kept.
 *
 * @param file for these pictures as they are now
 */
record InspectionStore(Path file) {
  private static final Logger LOG = LoggerFactory.getLogger(InspectionStore.class);

  /** Changes when the same bytes would be read differently. */
  private static final int READER_VERSION = 2;

  static InspectionStore of(EncodedImages images, ImageShape shape, double cropShare) {
    String key =
        new Sha256()
            .text("inspection")
            .numbers(READER_VERSION)
            .text(images.stamp())
            .text(shape.toString())
            .text(Double.toString(cropShare))
            .hex();
    return new InspectionStore(UserCache.folder("images").resolve(key + ".json"));
  }

  /** What is known, or null. */
  @Nullable ImageInspection load(int size) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      @Nullable ImageInspection known =
          new ObjectMapper().readValue(file.toFile(), ImageInspection.class);
      return known != null && known.images().size() == size ? known : null;
    } catch (IOException e) {
      LOG.debug("{} cannot be read, the images are looked at again", file, e);
      return null;
    }
  }

  void save(ImageInspection inspection) {
    try {
      Files.createDirectories(file.getParent());
      byte[] json = new ObjectMapper().writeValueAsBytes(inspection);
      AtomicFile.write(file, out -> out.write(json));
    } catch (IOException e) {
      LOG.debug("{} cannot be written", file, e);
    }
  }
}
