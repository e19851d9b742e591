package dev.retort.data.parquet;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.data.ClassNames;
import dev.retort.data.DataException;
import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetProvider;
import dev.retort.data.FoundImages;
import dev.retort.data.FoundImages.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pictures in Parquet tables as the Hugging Face hub lays them out: a column of pictures, each a
 * group with the file's {@code bytes}, and a column with the number or the name of the class. The
 * classes' names are read from the hub's own metadata in the file, where it has them, else from
 * {@code classes.txt} beside it, one a line.
 *
 * <p>Of a folder all files are read; a file that is named {@code train-…}, {@code validation-…} or
 * {@code test-…}, or lies in a folder of that name, belongs to that part.
 */
public final class ParquetImages implements DatasetProvider {
  private static final String SUFFIX = ".parquet";

  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public String place() {
    return "FILE|DIR";
  }

  @Override
  public String description() {
    return "pictures in Parquet tables as the Hugging Face hub has them";
  }

  @Override
  public boolean hasColumns() {
    return true;
  }

  /** Copies the pictures into a temporary file, from which any of them can be read at once. */
  @Override
  public FoundImages find(Path path, DatasetOptions options) {
    Map<Path, Part> files = files(path);
    TemporaryImages images = TemporaryImages.open();
    try {
      return find(path, files, options, images);
    } catch (RuntimeException | Error e) {
      images.close();
      throw e;
    }
  }

  private static FoundImages find(
      Path path, Map<Path, Part> files, DatasetOptions options, TemporaryImages images) {
    List<ParquetLabel> labels = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    List<String> named = List.of();
    ParquetColumns columns = null;
    Path first = files.keySet().iterator().next();
    for (Map.Entry<Path, Part> file : files.entrySet()) {
      ParquetTable.Read read = ParquetTable.read(file.getKey(), options, images, labels);
      List<String> names = names(file.getKey(), read);
      columns = columns == null ? read.columns() : columns;
      read.columns().requireSame(columns, file.getKey(), first);
      if (!named.isEmpty() && !names.isEmpty() && !names.equals(named)) {
        throw new DataException(
            file.getKey() + " has the classes " + names + ", and a file before it " + named);
      }
      named = named.isEmpty() ? names : named;
      while (parts.size() < labels.size()) {
        parts.add(file.getValue());
      }
    }
    if (labels.isEmpty()) {
      throw new DataException(path + " has no rows");
    }
    for (Map.Entry<Path, Part> file : files.entrySet()) {
      if (!parts.contains(file.getValue())) {
        throw new DataException(
            file.getKey() + " has no rows, and its part no other images: take it away, or fill it");
      }
    }
    if (!parts.contains(Part.TRAIN)) {
      throw new DataException(path + " has no training images: its files are " + files.keySet());
    }
    List<String> classes = named.isEmpty() ? classes(path, labels) : named;
    return new FoundImages(
        "parquet:" + path,
        classes,
        images,
        ParquetLabel.indices(labels, classes, images::place),
        List.copyOf(parts),
        incomplete(files.keySet()));
  }

  /** For tables that do not name them. */
  private static List<String> classes(Path path, List<ParquetLabel> labels) {
    Path beside =
        Files.isDirectory(path) ? path.resolve("classes.txt") : path.resolveSibling("classes.txt");
    return ClassNames.read(beside).orElseGet(() -> ParquetLabel.classes(labels, path));
  }

  private static final Pattern BEGINS_WITH_A_PART =
      Pattern.compile("(train|test|val|valid|validation)([-_. \\d].*)?");

  private static final Pattern LIKE_A_PART =
      Pattern.compile(
          "(?<![a-z])(test[a-z]*|val(s|set|id[a-z]*)?|dev(s|set|el[a-z]*)?|eval[a-z]*|(hold|held)[-_ ]?out[a-z]*)(?![a-z])");

  /** Where the next word of {@code trainTest} begins. */
  private static final Pattern CAMEL = Pattern.compile("(?<=[a-z])(?=[A-Z])");

  /** As downloads are called before they have ended, and files of systems that know no case. */
  private static final Pattern LIKE_A_TABLE =
      Pattern.compile(".*\\.parquet(\\.(part|partial|incomplete|download|crdownload|tmp))?");

  /** As the hub numbers the files of a part. */
  private static final Pattern OF_SEVERAL = Pattern.compile("(.*)-\\d{5}-of-(\\d{5})\\.parquet");

  /** Sentences about parts of which some files are missing; one may want no more. */
  private static List<String> incomplete(Set<Path> files) {
    Map<String, Long> found =
        files.stream()
            .map(file -> OF_SEVERAL.matcher(file.toString()))
            .filter(Matcher::matches)
            .collect(groupingBy(name -> name.replaceFirst("$1-*-of-$2"), TreeMap::new, counting()));
    return found.entrySet().stream()
        .filter(part -> part.getValue() < Long.parseLong(part.getKey().replaceFirst(".*-", "")))
        .map(part -> "%s: only %d files are there".formatted(part.getKey(), part.getValue()))
        .toList();
  }

  private static Map<Path, Part> files(Path path) {
    if (!Files.exists(path)) {
      throw new DataException(path + ": no such file or folder");
    }
    Map<Path, Part> files = new TreeMap<>();
    if (!Files.isDirectory(path)) {
      files.put(path, Part.TRAIN);
      return files;
    }
    try (Stream<Path> all = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
      // A link to nothing is refused when it is read.
      all.filter(file -> LIKE_A_TABLE.matcher(file.toString().toLowerCase(Locale.ROOT)).matches())
          .filter(file -> !FoundImages.isHidden(path.relativize(file)))
          .filter(file -> Files.isRegularFile(file) || !Files.exists(file))
          .forEach(file -> files.put(whole(file), part(path.relativize(file))));
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(path + " cannot be read: " + e, e);
    }
    if (files.isEmpty()) {
      throw new DataException(path + " has no " + SUFFIX + " files");
    }
    return files;
  }

  private static Path whole(Path file) {
    if (!file.toString().endsWith(SUFFIX)) {
      throw new DataException(
          "%s: is it a table? Let its name end in %s once it is whole, or take it away"
              .formatted(file, SUFFIX));
    }
    return file;
  }

  /**
   * By the steps of its path that begin with one. The hub's own copies of tables that it cut off
   * are called after them, too: {@code partial-train}.
   *
   * @throws DataException if a name has the word for a part in another place, or two steps name two
   *     parts: images that are meant to be held out would be trained on
   */
  private static Part part(Path file) {
    Set<Part> parts = EnumSet.noneOf(Part.class);
    for (Path step : file) {
      String words = CAMEL.matcher(step.toString()).replaceAll("-");
      String name = words.toLowerCase(Locale.ROOT).replaceFirst("^partial-", "");
      Matcher begins = BEGINS_WITH_A_PART.matcher(name);
      String rest = name;
      if (begins.matches()) {
        parts.add(
            switch (begins.group(1)) {
              case "train" -> Part.TRAIN;
              case "test" -> Part.TEST;
              default -> Part.VALIDATION;
            });
        rest = name.substring(begins.end(1));
      }
      if (LIKE_A_PART.matcher(rest).find() || parts.size() > 1) {
        throw new DataException(
            "%s: of which part is %s? Let the names of files, or of their folders, begin with train, validation or test, such as test-00000.parquet, and name no other part"
                .formatted(file, step));
      }
    }
    return parts.isEmpty() ? Part.TRAIN : parts.iterator().next();
  }

  /** The names of a file's classes, if it has them. */
  private static List<String> names(Path file, ParquetTable.Read read) {
    try {
      return names(read.metadata().get("huggingface"), read.columns().label());
    } catch (IOException e) {
      throw new DataException(file + " is damaged: its metadata are no JSON", e);
    }
  }

  /**
   * The hub's description of the columns: {@code {"info": {"features": {"label": {"names": …}}}}}.
   */
  private static List<String> names(@Nullable String metadata, String column) throws IOException {
    if (metadata == null) {
      return List.of();
    }
    JsonNode names =
        new ObjectMapper()
            .readTree(metadata)
            .path("info")
            .path("features")
            .path(column)
            .path("names");
    Map<String, Integer> seen = new HashMap<>();
    List<String> classes = new ArrayList<>();
    for (JsonNode name : names) {
      String text = name.asText();
      // Two classes of one name stay two.
      int before = seen.merge(text, 1, Integer::sum);
      classes.add(before == 1 ? text : text + " (" + before + ")");
    }
    return classes;
  }
}
