package dev.retort.data.fetch;

import dev.retort.data.Cifar100;
import dev.retort.data.Cifar10Files;
import dev.retort.data.PublishedFile;
import java.net.URI;
import java.util.List;

/**
 * A data set's files, as its authors publish them in one archive.
 *
 * @param title such as {@code CIFAR-10}
 * @param archive where its authors have it
 * @param folder the archive's folder that has the files
 * @param files all that the images are read from
 * @param namesFile the file of the classes' names, one a line, which is written beside them
 * @param classes these names
 */
public record PublishedFiles(
    String title,
    FetchSource archive,
    String folder,
    List<PublishedFile> files,
    String namesFile,
    List<String> classes) {
  /** CIFAR-10's binary version (Krizhevsky 2009). */
  public static final PublishedFiles CIFAR10 =
      new PublishedFiles(
          "CIFAR-10",
          official("cifar-10-binary.tar.gz"),
          "cifar-10-batches-bin",
          Cifar10Files.OFFICIAL.all(),
          Cifar10Files.NAMES_FILE,
          Cifar10Files.CLASSES);

  /** CIFAR-100's binary version (Krizhevsky 2009). */
  public static final PublishedFiles CIFAR100 =
      new PublishedFiles(
          "CIFAR-100",
          official("cifar-100-binary.tar.gz"),
          "cifar-100-binary",
          List.of(Cifar100.TRAINING_FILE, Cifar100.TEST_FILE),
          Cifar100.NAMES_FILE,
          Cifar100.CLASSES);

  public PublishedFiles {
    files = List.copyOf(files);
    classes = List.copyOf(classes);
  }

  private static FetchSource official(String archive) {
    return new FetchSource.Web(URI.create("https://www.cs.toronto.edu/~kriz/" + archive));
  }

  /** The length of all files. */
  long bytes() {
    return files.stream().mapToLong(PublishedFile::bytes).sum();
  }
}
