package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.ProviderOnClassPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetSourceTest {
  private static final Path BASE = Path.of("/studies");

  @Test
  void relativePathStartsFromTheConfiguration() {
    assertThat(DatasetSource.parse("cifar10:../data", BASE).path()).isEqualTo(Path.of("/data"));
    assertThat(DatasetSource.parse("cifar10:/elsewhere", BASE)).hasToString("cifar10:/elsewhere");
  }

  /** Else data and caches would come to lie in a folder that is called ~. */
  @Test
  void aHomeFolderThatNoShellHasReadIsRefused() {
    assertThatThrownBy(() -> DatasetSource.parse("cifar10:~/data", BASE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("~/data: ~ stands for nothing here");
    assertThat(DatasetSource.parse("cifar10:~data", BASE).path()).isEqualTo(BASE.resolve("~data"));
  }

  /** They would be pictures' folders, and so classes, of the next command. */
  @Test
  void resultsDoNotComeToLieAmongThePictures() {
    DatasetSource pictures = DatasetSource.parse("folder:/photos", BASE);
    for (String within : List.of("/photos", "/photos/out", "/photos/../photos/a/b")) {
      assertThatThrownBy(() -> pictures.requireOutside(Path.of(within), null))
          .as(within)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("choose another place");
    }
    pictures.requireOutside(Path.of("/photos-out"), null);
    pictures.requireOutside(Path.of("/photos/../out"), Path.of("/more"));
    DatasetSource.parse("cifar10:/data", BASE).requireOutside(Path.of("/data/out"), null);
    assertThatThrownBy(() -> pictures.requireOutside(Path.of("/more/out"), Path.of("/more")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("/more/out lies in the folder of the pictures without labels");
  }

  /** By another name they lie there all the same. */
  @Test
  void resultsDoNotComeToLieAmongThePicturesBehindALink(@TempDir Path folder) throws IOException {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), photos);

    DatasetSource pictures = DatasetSource.parse("folder:" + link, BASE);

    assertThatThrownBy(() -> pictures.requireOutside(photos.resolve("cat/out"), null))
        .hasMessageContaining("lies in the folder of the pictures");
    pictures.requireOutside(folder.resolve("out"), null);
  }

  @Test
  void wrongSpellingsSayTheRightOne() {
    assertThatThrownBy(() -> DatasetSource.parse("cifar10", BASE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cifar10:DIR");
    assertThatThrownBy(() -> DatasetSource.parse("cifar10:", BASE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cifar10:DIR");
    assertThatThrownBy(() -> DatasetSource.parse("coco:/x", BASE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown data \"coco:/x\"")
        .hasMessageContaining("cifar10:DIR");
  }

  /** What another jar offers under a name that Retort has. */
  public static final class Taken implements DatasetProvider {
    @Override
    public String name() {
      return "folder";
    }

    @Override
    public String place() {
      return "DIR";
    }

    @Override
    public String description() {
      return "other folders";
    }

    @Override
    public Images find(Path place, DatasetOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aNameThatIsTakenIsRefused(@TempDir Path jar) throws IOException {
    ProviderOnClassPath.during(
        jar,
        DatasetProvider.class,
        Taken.class.getName(),
        () ->
            assertThatThrownBy(() -> DatasetSource.parse("folder:/x", BASE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                    Taken.class.getName()
                        + " offers the data folder, a name that is taken already"));
  }

  /**
   * As a thread of Java's common pool, whose class loader may see neither Retort nor the program.
   */
  @Test
  void aThreadOfAnotherClassLoaderFindsRetortsOwnKinds() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThat(DatasetSource.providers())
          .extracting(DatasetProvider::name)
          .contains("parquet", "cifar10-mini");
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
