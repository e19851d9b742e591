package dev.retort.data;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.system.AtomicFile;
import dev.retort.system.Folders;
import dev.retort.system.Sha256;
import dev.retort.system.UserCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what was found of a data set's pictures, in the user's cache folder, so that the next run
 * need not decode all of them before it begins. Of the files there, those that were used last stay.
 * Without a place to write, nothing is kept.
 *
 * @param file for these pictures as they are now
 */
record InspectionStore(Path file) {
  private static final Logger LOG = LoggerFactory.getLogger(InspectionStore.class);

  static final int KEPT = 200;

  /** Raise it where another set of pictures is refused. */
  private static final int REFUSALS = 1;

  /** Of four million pictures or so. */
  private static final long MOST_BYTES = 1_000_000_000;

  static InspectionStore of(EncodedImages images, ImageShape shape, double cropShare) {
    String key =
        new Sha256()
            .text("looked at")
            .numbers(ImageFile.VERSION, Resizing.VERSION, REFUSALS)
            .text(images.stamp())
            .text(shape.toString())
            .text(Double.toString(cropShare))
            .hex();
    return ofKey(key);
  }

  /** Of nothing but the sizes that pictures have. */
  static InspectionStore ofSizes(EncodedImages images) {
    return ofKey(
        new Sha256().text("sizes").numbers(ImageFile.VERSION, REFUSALS).text(images.stamp()).hex());
  }

  private static InspectionStore ofKey(String key) {
    return new InspectionStore(UserCache.folder("images").resolve(key + ".json"));
  }

  /** What is known of so many pictures, or null. */
  @Nullable ImageInspection load(int size) {
    ImageInspection known = load(ImageInspection.class);
    return known == null || known.images().size() != size ? null : known;
  }

  /** What was kept, or null. */
  <T> @Nullable T load(Class<T> type) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      @Nullable T known = new ObjectMapper().readValue(file.toFile(), type);
      markUsed();
      return known;
    } catch (IOException e) {
      LOG.debug("{} cannot be read, the images are looked at again", file, e);
      return null;
    }
  }

  void save(Object found) {
    try {
      Folders.make(Objects.requireNonNull(file.getParent()));
      // As it goes: of a million pictures the text alone is larger than the rest.
      ObjectMapper json = new ObjectMapper().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      AtomicFile.write(file, out -> json.writeValue(out, found));
      deleteUnused();
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("{} cannot be written", file, e);
    }
  }

  private void markUsed() {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("{} cannot be written", file, e);
    }
  }

  private void deleteUnused() throws IOException {
    Map<Path, FileTime> uses = new HashMap<>();
    try (Stream<Path> files = Files.list(file.getParent())) {
      for (Path kept : (Iterable<Path>) files::iterator) {
        uses.put(kept, Files.getLastModifiedTime(kept));
      }
    }
    List<Path> newestFirst =
        uses.entrySet().stream()
            .sorted(Map.Entry.<Path, FileTime>comparingByValue().reversed())
            .map(Map.Entry::getKey)
            .toList();
    long bytes = 0;
    for (int i = 0; i < newestFirst.size(); i++) {
      bytes += Files.size(newestFirst.get(i));
      if (i >= KEPT || (i > 0 && bytes > MOST_BYTES)) {
        Files.deleteIfExists(newestFirst.get(i));
      }
    }
  }
}
