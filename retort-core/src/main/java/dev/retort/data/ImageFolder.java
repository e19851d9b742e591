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
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Pictures in folders, one folder a class: {@code DIR/CLASS/…} or {@code DIR/train/CLASS/…} with
 * {@code validation} (or {@code val}, {@code valid}) and {@code test} beside it, or one of these
 * alone. The classes are the folders' names in alphabetical order. Hidden files are passed over,
 * and files of other kinds with a warning that counts them.
 */
final class ImageFolder {
  private static final Set<String> EXTENSIONS =
      Set.of("jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff");

  private static final String NO_PICTURE = " has no picture in JPEG, PNG, BMP, GIF, WebP or TIFF";

  private static final int ENDINGS_SHOWN = 8;
  private static final int CLASSES_SHOWN = 4;

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
        !folders.isEmpty() && folders.stream().allMatch(path -> PARTS.containsKey(name(path)));
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
    List<String> warnings = new ArrayList<>();
    warnOfPicturesBeside(folder, folders, warnings);
    return find(folder, roots, warnings);
  }

  private static void warnOfPicturesBeside(Path folder, List<Path> folders, List<String> warnings) {
    long pictures = files(folder, 1).stream().filter(ImageFolder::isPicture).count();
    if (pictures > 0 && !folders.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s: the pictures beside its folders are left out (%,d); those of a class lie in its folder",
              folder,
              pictures));
    }
  }

  /**
   * Two folders with the names of parts are hardly two classes: a student would learn to tell the
   * parts apart.
   */
  private static void requireNoParts(Path folder, List<Path> folders) {
    List<String> names = folders.stream().map(ImageFolder::name).toList();
    List<String> parts =
        folders.stream().filter(ImageFolder::isLikeAPart).map(ImageFolder::name).toList();
    if (parts.size() > 1) {
      throw new DataException(
          ("%s has the folders %s: are %s its parts? Name parts train, validation and test,"
                  + " with a folder for each class in each, and leave nothing else beside them")
              .formatted(folder, names, String.join(" and ", parts)));
    }
  }

  private static boolean isLikeAPart(Path folder) {
    return LIKE_PARTS.contains(name(folder).toLowerCase(Locale.ROOT));
  }

  /** Whether a folder or a file is called after a part that nothing learns from. */
  static boolean isNamedAsHeldOut(Path path) {
    Path name = path.toAbsolutePath().getFileName();
    String word =
        name == null ? "" : name.toString().toLowerCase(Locale.ROOT).replaceFirst("[^a-z].*", "");
    return LIKE_PARTS.contains(word) && !word.startsWith("train");
  }

  private static FoundImages find(Path folder, Map<Path, Part> roots, List<String> warnings) {
    Path first = Collections.min(roots.entrySet(), Map.Entry.comparingByValue()).getKey();
    List<String> classes = folders(first).stream().map(ImageFolder::name).toList();
    if (classes.size() < 2) {
      throw new DataException(
          "%s must have a folder of images for each of at least two classes, but has %s"
              .formatted(first, classes.isEmpty() ? "none" : "only " + classes.get(0)));
    }
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    List<Path> others = new ArrayList<>();
    Map<String, Set<String>> divided = new TreeMap<>();
    roots.forEach(
        (root, part) -> {
          int before = files.size();
          if (!root.equals(folder)) {
            requireNoneOutsideClasses(root);
          }
          for (Path ofClass : folders(root)) {
            int label = classes.indexOf(name(ofClass));
            if (label < 0) {
              throw new DataException(
                  ofClass + " is no class of the training images: " + ClassNames.shown(classes));
            }
            List<Path> all = files(ofClass, Integer.MAX_VALUE);
            List<Path> pictures = all.stream().filter(ImageFolder::isPicture).toList();
            if (pictures.isEmpty() && root.equals(first)) {
              throw new DataException(ofClass + NO_PICTURE);
            }
            if (root.equals(folder)
                && pictures.stream().noneMatch(path -> ofClass.equals(path.getParent()))) {
              divided.put(name(ofClass), foldersBelow(ofClass, pictures));
            }
            all.stream().filter(path -> !isPicture(path)).forEach(others::add);
            files.addAll(pictures);
            pictures.forEach(
                picture -> {
                  labels.add(label);
                  parts.add(part);
                });
          }
          // As where a disk is not mounted: training pictures must not take its place in silence.
          if (files.size() == before) {
            throw new DataException(root + NO_PICTURE + ": remove it, or bring its pictures back");
          }
        });
    return new FoundImages(
        "folder:" + folder,
        classes,
        new ImageFiles(List.copyOf(files)),
        labels.stream().mapToInt(Integer::intValue).toArray(),
        List.copyOf(parts),
        Stream.of(
                warnings.stream(),
                dividedClasses(folder, classes.size(), divided),
                passedOver(folder, others))
            .flatMap(sentences -> sentences)
            .toList());
  }

  private static Set<String> foldersBelow(Path folder, List<Path> pictures) {
    return pictures.stream()
        .map(picture -> folder.relativize(picture).getName(0).toString())
        .collect(Collectors.toSet());
  }

  /**
   * A sentence where classes may be parts whose names are not known here.
   *
   * @param divided the folders of classes that have all of their pictures in folders
   */
  private static Stream<String> dividedClasses(
      Path folder, int classes, Map<String, Set<String>> divided) {
    Set<String> shared = new TreeSet<>();
    divided.values().forEach(shared::addAll);
    divided.values().forEach(shared::retainAll);
    boolean alike = divided.size() == classes && shared.size() > 1;
    List<String> like =
        divided.keySet().stream()
            .filter(name -> alike || LIKE_PARTS.contains(name.toLowerCase(Locale.ROOT)))
            .toList();
    int more = like.size() - CLASSES_SHOWN;
    return like.isEmpty()
        ? Stream.of()
        : Stream.of(
            "%s: %s%s count as classes, and have folders in place of pictures; if these are the classes, name the parts train, validation and test"
                .formatted(
                    folder,
                    String.join(" and ", like.subList(0, Math.min(CLASSES_SHOWN, like.size()))),
                    more > 0 ? " and " + more + " more" : ""));
  }

  /** A sentence that counts files by their endings, if there are any. */
  private static Stream<String> passedOver(Path folder, List<Path> others) {
    if (others.isEmpty()) {
      return Stream.of();
    }
    Map<String, Integer> byEnding = new TreeMap<>();
    others.forEach(
        path -> {
          boolean none = name(path).lastIndexOf('.') < 0;
          byEnding.merge(none ? "without an ending" : "." + extension(path), 1, Integer::sum);
        });
    String counts =
        byEnding.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .limit(ENDINGS_SHOWN)
            .map(entry -> String.format(Locale.ROOT, "%,d %s", entry.getValue(), entry.getKey()))
            .collect(Collectors.joining(", "));
    return Stream.of(
        String.format(
            Locale.ROOT,
            "%s: %,d files are left out, since only JPEG, PNG, BMP, GIF, WebP and TIFF are read: %s%s",
            folder,
            others.size(),
            counts,
            byEnding.size() > ENDINGS_SHOWN ? ", …" : ""));
  }

  /**
   * Test images in one heap, as competitions hand them out, are not to be passed over in silence.
   */
  private static void requireNoneOutsideClasses(Path part) {
    files(part, 1).stream()
        .filter(ImageFolder::isPicture)
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
    List<Path> all = files(folder, Integer.MAX_VALUE);
    List<Path> files = all.stream().filter(ImageFolder::isPicture).toList();
    if (files.isEmpty()) {
      throw new DataException(folder + NO_PICTURE);
    }
    int[] labels = new int[files.size()];
    Arrays.fill(labels, Dataset.UNLABELLED);
    return new FoundImages(
        folder.toString(),
        classes,
        new ImageFiles(files),
        labels,
        Collections.nCopies(files.size(), Part.TRAIN),
        passedOver(folder, all.stream().filter(path -> !isPicture(path)).toList()).toList());
  }

  private static boolean isPicture(Path file) {
    return EXTENSIONS.contains(extension(file));
  }

  /** All files below a folder that are not hidden. */
  private static List<Path> files(Path folder, int depth) {
    try (Stream<Path> all = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
      // A link to nothing is a file that cannot be read, and no file that is not there.
      return all.filter(path -> !FoundImages.isHidden(folder.relativize(path)))
          .filter(path -> Files.isRegularFile(path) || isLinkToNothing(path))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isLinkToNothing(Path path) {
    return Files.isSymbolicLink(path) && !Files.exists(path);
  }

  private static List<Path> folders(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> shown =
          all.filter(path -> !FoundImages.isHidden(folder.relativize(path))).sorted().toList();
      shown.forEach(ImageFolder::requireNoFolderThatIsGone);
      List<Path> folders = shown.stream().filter(Files::isDirectory).toList();
      folders.forEach(ImageFolder::requireLegible);
      return folders;
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static void requireNoFolderThatIsGone(Path path) {
    if (isLinkToNothing(path) && name(path).indexOf('.') < 0) {
      throw new DataException(path + " is a link to a folder that is not there");
    }
  }

  /** Java puts one letter in place of all that the system's encoding does not have. */
  private static void requireLegible(Path folder) {
    if (name(folder).indexOf('\ufffd') >= 0) {
      boolean isUtf8 = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
      throw new DataException(
          folder
              + ": Java cannot read this folder's name: "
              + (isUtf8 ? "" : "start it with LC_ALL=C.UTF-8, or ")
              + "rename the folder");
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
