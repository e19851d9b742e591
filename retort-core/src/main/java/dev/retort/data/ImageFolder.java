package dev.retort.data;

import dev.retort.data.FoundImages.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Pictures in folders, one folder a class: {@code DIR/CLASS/…} or {@code DIR/train/CLASS/…} with
 * {@code validation} (or {@code val}, {@code valid}) and {@code test} beside it. The classes are
 * the folders' names in alphabetical order. Files of other kinds, and hidden ones, are passed over.
 */
final class ImageFolder {
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "bmp", "gif", "webp");

  private static final Map<String, Part> PARTS =
      Map.of(
          "train", Part.TRAIN,
          "validation", Part.VALIDATION,
          "valid", Part.VALIDATION,
          "val", Part.VALIDATION,
          "test", Part.TEST);

  private static final Set<String> LIKE_PARTS =
      Set.of("train", "training", "validation", "valid", "val", "test", "testing");

  private ImageFolder() {}

  /**
   * Lists the pictures of a folder.
   *
   * @throws DataException if there are none, or the folders are not as they must be
   */
  static FoundImages find(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + " is not a folder of images");
    }
    List<Path> folders = folders(folder);
    boolean inParts =
        folders.stream().anyMatch(path -> name(path).equals("train"))
            && folders.stream().allMatch(path -> PARTS.containsKey(name(path)));
    if (!inParts) {
      requireNoParts(folder, folders);
    }
    Map<Path, Part> roots = new TreeMap<>();
    if (inParts) {
      folders.forEach(path -> roots.put(path, PARTS.get(name(path))));
    } else {
      roots.put(folder, Part.TRAIN);
    }
    if (roots.size() > Set.copyOf(roots.values()).size()) {
      throw new DataException(folder + " has two folders of images that validate: " + folders);
    }
    return find(folder, roots, inParts ? folder.resolve("train") : folder);
  }

  /**
   * Two folders with the names of parts are hardly two classes: a student would learn to tell the
   * parts apart.
   */
  private static void requireNoParts(Path folder, List<Path> folders) {
    List<String> names = folders.stream().map(ImageFolder::name).toList();
    List<String> parts =
        names.stream().filter(name -> LIKE_PARTS.contains(name.toLowerCase(Locale.ROOT))).toList();
    if (parts.size() > 1) {
      throw new DataException(
          folder
              + " has the folders "
              + names
              + ": are "
              + String.join(" and ", parts)
              + " its parts? Name parts train, validation and test, with a folder for each class in each, and leave"
              + " nothing else beside them");
    }
  }

  private static FoundImages find(Path folder, Map<Path, Part> roots, Path training) {
    List<String> classes = folders(training).stream().map(ImageFolder::name).toList();
    if (classes.size() < 2) {
      throw new DataException(
          training
              + " must have a folder of images for each of at least two classes, but has "
              + (classes.isEmpty() ? "none" : "only " + classes.get(0)));
    }
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    roots.forEach(
        (root, part) -> {
          if (!root.equals(folder)) {
            requireNoneOutsideClasses(root);
          }
          for (Path ofClass : folders(root)) {
            int label = classes.indexOf(name(ofClass));
            if (label < 0) {
              throw new DataException(ofClass + " is no class of the training images: " + classes);
            }
            List<Path> pictures = pictures(ofClass);
            if (pictures.isEmpty() && part == Part.TRAIN) {
              throw new DataException(ofClass + " has no picture in JPEG, PNG, BMP, GIF or WebP");
            }
            files.addAll(pictures);
            pictures.forEach(
                picture -> {
                  labels.add(label);
                  parts.add(part);
                });
          }
        });
    return new FoundImages(
        "folder:" + folder,
        classes,
        new ImageFiles(List.copyOf(files)),
        labels.stream().mapToInt(Integer::intValue).toArray(),
        List.copyOf(parts));
  }

  /**
   * Test images in one heap, as competitions hand them out, are not to be passed over in silence.
   */
  private static void requireNoneOutsideClasses(Path part) {
    pictures(part, 1).stream()
        .findFirst()
        .ifPresent(
            picture -> {
              throw new DataException(
                  picture + " has no label: pictures must lie in folders of their class");
            });
  }

  /**
   * All pictures below a folder, without labels.
   *
   * @param classes that they are distilled for
   * @throws DataException if there are none
   */
  static FoundImages unlabelled(Path folder, List<String> classes) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + " is not a folder of images");
    }
    List<Path> files = pictures(folder);
    if (files.isEmpty()) {
      throw new DataException(folder + " has no picture in JPEG, PNG, BMP, GIF or WebP");
    }
    int[] labels = new int[files.size()];
    Arrays.fill(labels, Dataset.UNLABELLED);
    return new FoundImages(
        folder.toString(),
        classes,
        new ImageFiles(files),
        labels,
        Collections.nCopies(files.size(), Part.TRAIN));
  }

  /** All pictures below a folder, whatever their class. */
  static List<Path> pictures(Path folder) {
    return pictures(folder, Integer.MAX_VALUE);
  }

  private static List<Path> pictures(Path folder, int depth) {
    try (Stream<Path> all = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
      return all.filter(path -> EXTENSIONS.contains(extension(path)))
          .filter(path -> !isHidden(folder.relativize(path)) && Files.isRegularFile(path))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isHidden(Path path) {
    for (Path step : path) {
      if (step.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static List<Path> folders(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> Files.isDirectory(path) && !name(path).startsWith("."))
          .filter(path -> !name(path).equals("__MACOSX"))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static String extension(Path path) {
    String name = name(path);
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
