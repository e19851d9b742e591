package dev.retort.data.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.retort.data.Cifar10Files;
import dev.retort.data.DataException;
import dev.retort.data.MadeCifar10;
import dev.retort.data.PublishedFile;
import dev.retort.data.WorkFolder;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DatasetFetchTest {
  private static final byte[] ARCHIVE = officialLayout(MadeCifar10.CONTENTS);

  /** Of the made files. */
  private static final DatasetFetch FETCH =
      new DatasetFetch(
          new PublishedFiles(
              "CIFAR-10",
              PublishedFiles.CIFAR10.archive(),
              "cifar-10-batches-bin",
              MadeCifar10.FILES.all(),
              Cifar10Files.NAMES_FILE,
              Cifar10Files.CLASSES));

  private Path temporary;
  private Path target;
  private HttpServer server;
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);

  @BeforeEach
  void startServer(@TempDir Path folder) throws IOException {
    temporary = folder;
    target = temporary.resolve("data/cifar10");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }

  @AfterEach
  void stopServer() {
    end.countDown();
    server.stop(0);
  }

  @Test
  void wholeArchiveIsFetchedOnce() throws Exception {
    FetchSource source = serve(ARCHIVE, ARCHIVE.length);
    List<String> activities = new ArrayList<>();

    boolean fetched =
        FETCH.fetch(
            source,
            target,
            (activity, done, total) -> {
              activities.add(activity);
              assertThat(done).isLessThanOrEqualTo(total == FetchProgress.UNKNOWN ? done : total);
            });

    assertThat(fetched).isTrue();
    assertThat(activities.stream().distinct())
        .containsExactly("downloading", "unpacking", "checking");
    assertFetched();
    assertThat(FETCH.fetch(source, target, FetchProgress.NONE)).isFalse();
    Files.writeString(target.resolve("batches.meta.txt"), "cat\n");
    assertThat(FETCH.fetch(source, target, FetchProgress.NONE)).isFalse();
    assertFetched();
    assertThat(requests).hasValue(1);
  }

  @Test
  void truncatedArchiveIsNoticed() {
    byte[] cut = Arrays.copyOf(ARCHIVE, ARCHIVE.length / 2);
    FetchSource source = serve(cut, cut.length);

    assertRefused(FETCH, source, source + " is damaged or cut off at \"cifar-10-batches-bin/");
  }

  @Test
  void brokenConnectionIsNoticed() {
    CountDownLatch arrived = new CountDownLatch(1);
    FetchSource source = serve(Arrays.copyOf(ARCHIVE, 1_000), ARCHIVE.length, () -> await(arrived));

    assertThatThrownBy(
            () ->
                FETCH.fetch(
                    source,
                    temporary.resolve("x/y"),
                    (activity, done, total) -> {
                      if (done == 1_000) {
                        arrived.countDown();
                      }
                    }))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(
            "broke off after 1000 of " + ARCHIVE.length + " bytes (", // the reason
            "; try again");
    assertThat(temporary.resolve("x")).isEmptyDirectory();
  }

  @Test
  void alteredImageIsNoticedByFile() {
    Map<String, byte[]> contents = new TreeMap<>(MadeCifar10.CONTENTS);
    byte[] altered = MadeCifar10.content("data_batch_2.bin").clone();
    altered[700] ^= 8;
    contents.put("data_batch_2.bin", altered);
    byte[] archive = officialLayout(contents);

    assertRefused(
        FETCH,
        serve(archive, archive.length),
        "does not hold the published CIFAR-10",
        "data_batch_2.bin");
  }

  @Test
  void missingFileIsNoticed() {
    Map<String, byte[]> contents = new TreeMap<>(MadeCifar10.CONTENTS);
    contents.remove("test_batch.bin");
    byte[] archive = officialLayout(contents);

    assertRefused(FETCH, serve(archive, archive.length), "has no test_batch.bin");
  }

  @Test
  void errorOfTheServerIsReported() {
    server.createContext("/", exchange -> exchange.sendResponseHeaders(404, -1));

    assertRefused(FETCH, address(), "answered with status 404");
  }

  @Test
  void unreachableServerIsReported() {
    FetchSource source = address();
    server.stop(0);

    assertRefused(FETCH, source, "cannot be had (");
  }

  @Test
  void silentServerIsGivenUp() {
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          await(end);
        });
    URI address = ((FetchSource.Web) address()).address();

    assertThatThrownBy(
            () ->
                new Download(Duration.ofMillis(300), Long.MAX_VALUE)
                    .get(address, temporary.resolve("file"), FetchProgress.NONE))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has sent nothing");
  }

  @Test
  void badFilesAreReplacedAndOthersLeftAlone() throws Exception {
    Files.createDirectories(target);
    Files.writeString(target.resolve("notes.txt"), "mine");
    Files.write(target.resolve("data_batch_1.bin"), new byte[] {1});

    assertThat(FETCH.fetch(serve(ARCHIVE, ARCHIVE.length), target, FetchProgress.NONE)).isTrue();

    assertThat(target.resolve("notes.txt")).hasContent("mine");
    Files.delete(target.resolve("notes.txt"));
    assertFetched();
  }

  /** A mounted disk, or the folder that a shell is in. */
  @Test
  void anEmptyFolderIsFilledAndNotReplaced() throws Exception {
    Files.createDirectories(target);
    Object before = Files.getAttribute(target, "unix:ino");

    FETCH.fetch(serve(ARCHIVE, ARCHIVE.length), target, FetchProgress.NONE);

    assertThat(Files.getAttribute(target, "unix:ino")).isEqualTo(before);
    assertFetched();
  }

  @Test
  void localArchiveAndFolderAreRead() throws Exception {
    Path archive = Files.write(temporary.resolve("c.tar.gz"), ARCHIVE);
    FETCH.fetch(new FetchSource.Local(archive), target, FetchProgress.NONE);
    assertFetched();

    Path copy = temporary.resolve("data/copy");
    FETCH.fetch(new FetchSource.Local(target), copy, FetchProgress.NONE);
    target = copy;
    assertThat(copy.resolve("test_batch.bin"))
        .hasBinaryContent(MadeCifar10.content("test_batch.bin"));
    assertRefused(
        FETCH,
        new FetchSource.Local(Files.createDirectory(temporary.resolve("empty"))),
        "does not hold");
    assertRefused(FETCH, new FetchSource.Local(temporary.resolve("gone")), "does not exist");
  }

  @Test
  void cifar100IsFetchedWithItsClasses() throws Exception {
    byte[] train = {1, 2, 3};
    byte[] test = {4, 5};
    byte[] archive =
        new MadeArchive()
            .folder("cifar-100-binary/")
            .file("cifar-100-binary/train.bin", train)
            .file("cifar-100-binary/test.bin", test)
            .bytes();
    PublishedFiles official = PublishedFiles.CIFAR100;
    FetchSource source = serve(archive, archive.length);
    PublishedFiles made =
        new PublishedFiles(
            official.title(),
            source,
            official.folder(),
            List.of(
                new PublishedFile("train.bin", 3, Sha256.of(train)),
                new PublishedFile("test.bin", 2, Sha256.of(test))),
            official.namesFile(),
            official.classes());

    new DatasetFetch(made).fetch(source, target, FetchProgress.NONE);

    assertThat(target.resolve("train.bin")).hasBinaryContent(train);
    assertThat(target.resolve("test.bin")).hasBinaryContent(test);
    assertThat(Files.readAllLines(target.resolve("fine_label_names.txt")))
        .hasSize(100)
        .isSorted()
        .startsWith("apple", "aquarium_fish")
        .endsWith("woman", "worm");
    assertThat(names(target)).hasSize(3);
    assertRefused(new DatasetFetch(official), source, "does not hold the published CIFAR-100");
  }

  /** The published sizes: a record has two labels and 32 × 32 × 3 values. */
  @Test
  void cifar100HasSixtyThousandRecords() {
    assertThat(PublishedFiles.CIFAR100.bytes()).isEqualTo(60_000L * 3074);
  }

  @Test
  void onlyOneProcessFetchesIntoAFolder() throws Exception {
    Files.createDirectories(target.getParent());
    FetchSource source = serve(ARCHIVE, ARCHIVE.length);
    try (WorkFolder other = new WorkFolder(target)) {
      Files.writeString(other.file("half"), "of it");
      assertThatThrownBy(() -> FETCH.fetch(source, target, FetchProgress.NONE))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("another process is writing into");
      assertThat(other.file("half")).exists();
    }
  }

  @Test
  void whatAKilledProcessLeftIsClearedAway() throws Exception {
    Path left = target.resolveSibling(".cifar10.writing");
    Files.createDirectories(left.resolve("records"));
    Files.writeString(left.resolve("records/data_batch_1.bin"), "half");
    Files.writeString(left.resolve(".lock"), "");

    FETCH.fetch(serve(ARCHIVE, ARCHIVE.length), target, FetchProgress.NONE);

    assertFetched();
  }

  @Test
  void sourcesAreReadAsWritten() {
    assertThat(FetchSource.parse("https://host/a.tar.gz", temporary))
        .isEqualTo(new FetchSource.Web(URI.create("https://host/a.tar.gz")));
    assertThat(FetchSource.parse("a/../b.tar.gz", temporary))
        .isEqualTo(new FetchSource.Local(temporary.resolve("b.tar.gz")));
    for (String wrong : List.of("ftp://host/x", "http:// /", "")) {
      assertThatThrownBy(() -> FetchSource.parse(wrong, temporary))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** The six files and the names are there, and nothing else is. */
  private void assertFetched() throws IOException {
    for (Map.Entry<String, byte[]> file : MadeCifar10.CONTENTS.entrySet()) {
      assertThat(target.resolve(file.getKey())).hasBinaryContent(file.getValue());
    }
    assertThat(Files.readAllLines(target.resolve("batches.meta.txt")))
        .isEqualTo(Cifar10Files.CLASSES);
    assertThat(names(target)).hasSize(7);
    assertThat(names(target.resolveSibling("."))).containsExactly("cifar10");
  }

  private void assertRefused(DatasetFetch fetch, FetchSource source, String... parts) {
    assertThatThrownBy(() -> fetch.fetch(source, temporary.resolve("x/y"), FetchProgress.NONE))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(parts);
    assertThat(temporary.resolve("x")).isEmptyDirectory();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** Serves some bytes, and says that they are that many. */
  private FetchSource serve(byte[] bytes, long length) {
    return serve(bytes, length, () -> {});
  }

  private FetchSource serve(byte[] bytes, long length, Runnable beforeTheEnd) {
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          exchange.sendResponseHeaders(200, length);
          exchange.getResponseBody().write(bytes);
          exchange.getResponseBody().flush();
          beforeTheEnd.run();
          exchange.close();
        });
    return address();
  }

  private FetchSource address() {
    return FetchSource.parse(
        "http://localhost:" + server.getAddress().getPort() + "/c.tar.gz", temporary);
  }

  private static byte[] officialLayout(Map<String, byte[]> contents) {
    MadeArchive archive = new MadeArchive().folder("cifar-10-batches-bin/");
    contents.forEach((name, bytes) -> archive.file("cifar-10-batches-bin/" + name, bytes));
    return archive.file("cifar-10-batches-bin/readme.html", new byte[] {'x'}).bytes();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
