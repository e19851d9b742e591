package dev.retort.data.fetch;

import dev.retort.data.Cifar10Files;
import dev.retort.data.Cifar10Files.BatchFile;
import dev.retort.data.DataException;
import dev.retort.data.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Fetches CIFAR-10's official binary files into a folder. They are put together under a temporary
 * name beside it and moved into place only when the SHA-256 of every one is the published one.
 */
public final class Cifar10Fetch {
  /** The archive that the data set's authors publish. */
  public static final FetchSource OFFICIAL =
      new FetchSource.Web(URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"));

  /** As its page states it. */
  private static final String OFFICIAL_MD5 = "c32a1d4ab5d03f1284b67883e8d87530";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The folder in which the official archive has its files. */
  private static final List<String> INNER_FOLDERS = List.of("", "cifar-10-batches-bin");

  private final Cifar10Files files;
  private final Map<FetchSource, String> archiveMd5;

  /** A fetch of the published files. */
  public Cifar10Fetch() {
    this(Cifar10Files.OFFICIAL, Map.of(OFFICIAL, OFFICIAL_MD5));
  }

  /**
   * @param archiveMd5 the MD5 of the archives that are known, in hexadecimal
   */
  Cifar10Fetch(Cifar10Files files, Map<FetchSource, String> archiveMd5) {
    this.files = files;
    this.archiveMd5 = archiveMd5;
  }

  /**
   * Fetches into a folder. If all files are there already, nothing is fetched; files of the data
   * set that are there but are not the published ones are replaced, others are left alone.
   *
   * @param to the folder, made where it does not exist
   * @return whether anything had to be fetched
   * @throws DataException if the source cannot be had, or does not hold the published files; the
   *     folder is then as it was
   * @throws IOException if the folder cannot be written
   */
  public boolean fetch(FetchSource source, Path to, FetchProgress progress) throws IOException {
    if (Files.exists(to) && !Files.isDirectory(to)) {
      throw new DataException(to + " is a file; name a folder for the data set");
    }
    Path target = Files.exists(to) ? to.toRealPath() : to.toAbsolutePath().normalize();
    if (isComplete(target, progress)) {
      return false;
    }
    Path parent = target.getParent();
    if (parent == null) {
      throw new DataException(to + " cannot hold a data set; name a folder below it");
    }
    Files.createDirectories(parent);
    try (WorkFolder work = new WorkFolder(target)) {
      Path obtained = obtain(source, work, progress);
      Path records = work.make("records");
      if (Files.isDirectory(obtained)) {
        fromFolder(source, obtained, false, records);
      } else {
        Path unpacked = work.make("unpacked");
        new TarGz(obtained).unpack(unpacked, wanted(), progress);
        fromFolder(source, unpacked, true, records);
      }
      verify(source, records, progress);
      Files.writeString(
          records.resolve(Cifar10Files.NAMES_FILE), String.join("\n", Cifar10Files.CLASSES) + "\n");
      place(records, target);
    }
    return true;
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
    new Download(PATIENCE).get(((FetchSource.Web) source).address(), archive, progress);
    String expected = archiveMd5.get(source);
    if (expected != null) {
      String found = md5(archive);
      if (!found.equals(expected)) {
        throw new DataException(
            "%s is not the published archive: its MD5 is %s, not %s; try again, or another --from"
                .formatted(source, found, expected));
      }
    }
    return archive;
  }

  /** The files of an archive that are looked at, and how large each may be. */
  private Map<String, Long> wanted() {
    Map<String, Long> wanted = new HashMap<>();
    for (BatchFile file : files.all()) {
      wanted.put(file.name(), (long) files.bytes());
    }
    return wanted;
  }

  /** Copies (or moves, where they are ours) the files that lie in a folder. */
  private void fromFolder(FetchSource source, Path folder, boolean ours, Path records)
      throws IOException {
    for (String inner : INNER_FOLDERS) {
      Path candidate = folder.resolve(inner);
      if (files.all().stream().anyMatch(file -> Files.exists(candidate.resolve(file.name())))) {
        for (BatchFile file : files.all()) {
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
    throw new DataException(source + " does not hold CIFAR-10's binary files (data_batch_1.bin …)");
  }

  private void verify(FetchSource source, Path records, FetchProgress progress) throws IOException {
    long done = 0;
    for (BatchFile file : files.all()) {
      progress.at("checking", done, 6L * files.bytes());
      String found = Sha256.of(records.resolve(file.name()));
      if (!found.equals(file.sha256())) {
        throw new DataException(
            ("%s does not hold the published CIFAR-10: the SHA-256 of its %s is %s, not %s; try"
                    + " another --from")
                .formatted(source, file.name(), found, file.sha256()));
      }
      done += files.bytes();
    }
    progress.at("checking", done, done);
  }

  private boolean isComplete(Path folder, FetchProgress progress) throws IOException {
    for (BatchFile file : files.all()) {
      Path path = folder.resolve(file.name());
      if (!Files.isRegularFile(path) || Files.size(path) != files.bytes()) {
        return false;
      }
    }
    long done = 0;
    for (BatchFile file : files.all()) {
      progress.at("checking", done, 6L * files.bytes());
      if (!Sha256.of(folder.resolve(file.name())).equals(file.sha256())) {
        return false;
      }
      done += files.bytes();
    }
    return true;
  }

  /** In one step where the target is new; file by file, each whole, where it is not. */
  private static void place(Path records, Path target) throws IOException {
    if (isAbsentOrEmpty(target)) {
      Files.deleteIfExists(target);
      Files.move(records, target, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    try (Stream<Path> made = Files.list(records)) {
      for (Path file : made.toList()) {
        Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private static boolean isAbsentOrEmpty(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return true;
    }
    try (Stream<Path> content = Files.list(folder)) {
      return content.findAny().isEmpty();
    }
  }

  private static String md5(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      byte[] buffer = new byte[1 << 16];
      for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
        md5.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(md5.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has MD5", e);
    }
  }
}
