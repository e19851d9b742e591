package dev.retort.data;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kind of data set, which DATA names before its colon. One from outside: implement this and name
 * the class in {@code META-INF/services/dev.retort.data.DatasetProvider} of your jar, and {@link
 * DatasetSource} finds it.
 */
public interface DatasetProvider {
  /** What stands before the colon; a name that Retort has already is refused. */
  String name();

  /** What stands behind the colon, for lists: {@code DIR}. Null where the name is all of DATA. */
  @Nullable String place();

  /** What the data are, in a few words. */
  String description();

  /** Whether {@link DatasetOptions#imageColumn} and {@code labelColumn} mean anything to it. */
  default boolean hasColumns() {
    return false;
  }

  /**
   * Finds the images, before any picture is decoded.
   *
   * @param place the file or folder, absolute in a study; empty where there is no {@link #place}
   * @param options of which only the columns change which images are found; {@link DatasetSource}
   *     heeds or refuses the others
   * @throws DataException if the images are missing or bad
   */
  Images find(Path place, DatasetOptions options);

  /** How DATA is written: {@code cifar10:DIR}. */
  default String spelling() {
    return place() == null ? name() : name() + ":" + place();
  }

  /** Pictures, which are decoded when they are read, or arrays of pixels in their three parts. */
  sealed interface Images permits FoundImages, Splits {
    /** The classes' names, in the order of the labels. */
    List<String> classes();
  }
}
