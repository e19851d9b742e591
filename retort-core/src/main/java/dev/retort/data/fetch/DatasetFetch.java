package dev.retort.data.fetch;

import dev.retort.data.DataException;
import dev.retort.data.PublishedFile;
import dev.retort.data.WorkFolder;
import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import dev.retort.system.Folders;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches a data set's published files into a folder. They are put together under a temporary name
 * beside it and moved into place only when the SHA-256 of every one is the published one.
 */
public final class DatasetFetch {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetFetch.class);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final PublishedFiles published;

  /**
   * @param published what is fetched
   */
  public DatasetFetch(PublishedFiles published) {
    this.published = published;
  }

  /**
   * Fetches into a folder. If all files are there already, nothing is fetched; files of the data
   * set that are there but are not the published ones are replaced, the classes' names with them;
   * others are left alone.
   *
   * @param to the folder, made where it does not exist
   * @return whether anything had to be fetched
   * @throws IllegalArgumentException if it is a file
   * @throws DataException if the source cannot be had, or does not hold the published files; the
   *     folder is then as it was
   * @throws IOException if the folder cannot be written
   */
  public boolean fetch(FetchSource source, Path to, FetchProgress progress) throws IOException {
    if (Files.exists(to) && !Files.isDirectory(to)) {
      throw new IllegalArgumentException(to + " is a file; name a folder for the data set");
    }
    Path target = Files.exists(to) ? to.toRealPath() : to.toAbsolutePath().normalize();
    if (isComplete(target, progress)) {
      restoreNames(target);
      return false;
    }
    Path parent = target.getParent();
    if (parent == null) {
      throw new DataException(to + " cannot hold a data set; name a folder below it");
    }
    Folders.make(parent);
    try (WorkFolder work = new WorkFolder(target)) {
      Path obtained = obtain(source, work, progress);
      Path records = work.make("records");
      if (Files.isDirectory(obtained)) {
        fromFolder(source, obtained, false, records);
      } else {
        Path unpacked = work.make("unpacked");
        new TarGz(obtained, source.toString()).unpack(unpacked, wanted(), progress);
        fromFolder(source, unpacked, true, records);
      }
      verify(source, records, progress);
      Files.writeString(records.resolve(published.namesFile()), names());
      place(records, target);
    }
    return true;
  }

  /** Where the file of the classes' names is missing, or has others. */
  private void restoreNames(Path folder) {
    Path file = folder.resolve(published.namesFile());
    try {
      if (!Files.isRegularFile(file)
          || !Files.readString(file, StandardCharsets.ISO_8859_1)
              .lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty())
              .toList()
              .equals(published.classes())) {
        AtomicFile.write(file, names());
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be brought back: {}", file, FileFailure.reason(e));
    }
  }

  private String names() {
    return String.join("\n", published.classes()) + "\n";
  }

  /** The archive or folder that the source stands for, on this machine. */
  private Path obtain(FetchSource source, WorkFolder work, FetchProgress progress)
      throws IOException {
    if (source instanceof FetchSource.Local local) {
      if (!Files.exists(local.path())) {
        throw new DataException(local.path() + " does not exist: name an archive or a folder");
      }
      return local.path();
    }
    Path archive = work.file("archive.tar.gz");
    new Download(PATIENCE, 2 * published.bytes() + (1 << 20))
        .get(((FetchSource.Web) source).address(), archive, progress);
    return archive;
  }

  /** The files of an archive that are looked at, and how large each may be. */
  private Map<String, Long> wanted() {
    Map<String, Long> wanted = new HashMap<>();
    for (PublishedFile file : published.files()) {
      wanted.put(file.name(), file.bytes());
    }
    return wanted;
  }

  /** Copies (or moves, where they are ours) the files that lie in a folder. */
  private void fromFolder(FetchSource source, Path folder, boolean ours, Path records)
      throws IOException {
    for (Path candidate : List.of(folder, folder.resolve(published.folder()))) {
      if (published.files().stream()
          .anyMatch(file -> Files.exists(candidate.resolve(file.name())))) {
        for (PublishedFile file : published.files()) {
          Path found = candidate.resolve(file.name());
          if (!Files.isRegularFile(found)) {
            throw new DataException(source + " has no " + file.name());
          }
          if (ours) {
            Files.move(found, records.resolve(file.name()));
          } else {
            Files.copy(found, records.resolve(file.name()));
          }
        }
        return;
      }
    }
    throw new DataException(
        "%s does not hold %s's binary files (%s …)"
            .formatted(source, published.title(), published.files().get(0).name()));
  }

  private void verify(FetchSource source, Path records, FetchProgress progress) throws IOException {
    long done = 0;
    for (PublishedFile file : published.files()) {
      progress.at("checking", done, published.bytes());
      String found = Sha256.of(records.resolve(file.name()));
      if (!found.equals(file.sha256())) {
        throw new DataException(
            ("%s does not hold the published %s: the SHA-256 of its %s is %s, not %s; try"
                    + " another --from")
                .formatted(source, published.title(), file.name(), found, file.sha256()));
      }
      done += file.bytes();
    }
    progress.at("checking", done, done);
  }

  private boolean isComplete(Path folder, FetchProgress progress) throws IOException {
    for (PublishedFile file : published.files()) {
      Path path = folder.resolve(file.name());
      if (!Files.isRegularFile(path) || Files.size(path) != file.bytes()) {
        return false;
      }
    }
    long done = 0;
    for (PublishedFile file : published.files()) {
      progress.at("checking", done, published.bytes());
      if (!Sha256.of(folder.resolve(file.name())).equals(file.sha256())) {
        return false;
      }
      done += file.bytes();
    }
    return true;
  }

  /** In one step where the target is new; file by file, each whole, where it is not. */
  private static void place(Path records, Path target) throws IOException {
    if (!Files.exists(target)) {
      Files.move(records, target, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    try (Stream<Path> made = Files.list(records)) {
      for (Path file : made.toList()) {
        Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }
}
