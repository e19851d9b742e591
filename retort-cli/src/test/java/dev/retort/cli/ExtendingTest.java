package dev.retort.cli;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/extending.md and its tutorial show, compiled and packed as it stands there. */
@NullUnmarked
class ExtendingTest {
  private static final Path DOCS = Path.of("..", "docs");

  @TempDir static Path folder;

  private static Path classes;
  private static Path jar;

  /** The tests that are shown, by their classes' names. */
  private static final List<String> tests = new ArrayList<>();

  @BeforeAll
  static void compileThePage() throws IOException {
    String page = Files.readString(DOCS.resolve("extending.md"));
    String tutorial = Files.readString(DOCS.resolve("tutorials/own-loss.md"));
    Path sources = Files.createDirectories(folder.resolve("sources/example"));
    classes = Files.createDirectories(folder.resolve("classes"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path")));
    List<MatchResult> shown = new ArrayList<>(blocks(page, "java"));
    shown.addAll(blocks(tutorial, "java Cosine.java"));
    for (MatchResult block : shown) {
      String source = block.group(1);
      String name =
          Pattern.compile("(?:class|record) (\\w+)")
              .matcher(source)
              .results()
              .toList()
              .get(0)
              .group(1);
      Path file = Files.writeString(sources.resolve(name + ".java"), source);
      arguments.add(file.toString());
      if (name.endsWith("Test")) {
        tests.add(name);
      }
    }
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    assertThat(compiler.run(null, null, null, arguments.toArray(new String[0]))).isZero();
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    for (String line : blocks(page, "text").get(0).group(1).lines().toList()) {
      String[] names = line.split(" +", -1);
      Files.writeString(
          services.resolve(names[0]), names[1] + "\n", StandardOpenOption.CREATE, APPEND);
    }
    jar = pack();
  }

  @Test
  void aJarWhoseProviderIsNotThereIsOneSentence() throws IOException {
    for (String service : List.of("network.Network", "distill.Objective", "data.Dataset")) {
      Path broken = folder.resolve("broken.jar");
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(broken))) {
        out.putNextEntry(new JarEntry("META-INF/services/dev.retort." + service + "Provider"));
        out.write("no.such.Class".getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
      }
      String kind = service.substring(service.indexOf('.') + 1).toLowerCase(Locale.ROOT);
      String listed = kind.equals("objective") ? "methods" : kind + "s";
      CommandRun list = CommandRun.of("--classpath", broken.toString(), "list", listed);
      assertThat(list.exitCode()).as(kind).isEqualTo(ExitCode.USAGE);
      assertThat(list.err())
          .startsWith("retort: ")
          .contains(kind + " provider on the class path cannot be used")
          .hasLineCount(1);
    }
  }

  private static List<MatchResult> blocks(String page, String language) {
    return Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(page).results().toList();
  }

  private static Path pack() throws IOException {
    Path file = folder.resolve("mine.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file));
        Stream<Path> all = Files.walk(classes)) {
      for (Path each : all.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(each).toString().replace('\\', '/')));
        Files.copy(each, out);
        out.closeEntry();
      }
    }
    return file;
  }

  @Test
  void theTestsOnThePageHold() throws Exception {
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {jar.toUri().toURL()}, Thread.currentThread().getContextClassLoader())) {
      assertThat(tests).hasSizeGreaterThanOrEqualTo(5);
      for (String name : tests) {
        Class<?> test = loader.loadClass("example." + name);
        Constructor<?> constructor = test.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object instance = constructor.newInstance();
        int run = 0;
        for (Method method : test.getDeclaredMethods()) {
          if (method.isAnnotationPresent(Test.class)) {
            method.setAccessible(true);
            method.invoke(instance);
            run++;
          }
        }
        assertThat(run).as(name).isPositive();
      }
    }
  }

  @Test
  void theCommandFindsThemInTheJarAndWithoutItDoesNot() {
    CommandRun methods = CommandRun.of("list", "methods", "--classpath", jar.toString());
    CommandRun networks = CommandRun.of("--classpath=" + jar, "list", "networks");
    CommandRun without = CommandRun.of("list", "methods");

    assertThat(methods.exitCode()).as(methods.err()).isZero();
    assertThat(methods.out())
        .containsPattern("cosine +the direction of the logits +an example")
        .containsPattern("mean-matching +the mean of the logits +an example")
        .contains("{weight: 1, crossEntropy: 1}");
    assertThat(networks.out()).containsPattern("tiny +1 +32 +1,194 ");
    assertThat(without.out()).doesNotContain("the direction of the logits");
  }

  /**
   * Twenty pictures of each of two classes: two of each are set apart to test, then to validate.
   */
  @Test
  void itsDataSetIsReadByNameAndPlace() throws IOException {
    Path photos = Files.createDirectories(folder.resolve("photos"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      image.setRGB(i % 8, i / 8, 0xffffff);
      ImageIO.write(image, "png", photos.resolve(i + ".png").toFile());
      lines.append(i).append(".png,").append(i % 2 == 0 ? "even" : "odd").append('\n');
    }
    Path list = Files.writeString(photos.resolve("list.csv"), lines);

    CommandRun listed = CommandRun.of("list", "datasets", "--classpath", jar.toString());
    CommandRun read =
        CommandRun.of("data", "verify", "listed:" + list, "--classpath", jar.toString());
    CommandRun columns =
        CommandRun.of(
            "data", "verify", "listed:" + list, "--label-column=x", "--classpath", jar.toString());
    CommandRun without = CommandRun.of("data", "verify", "listed:" + list);
    Path study =
        Files.writeString(
            photos.resolve("study.yaml"),
            """
            data: listed:list.csv
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 1, batchSize: 8}
            methods: [hinton]
            """);
    CommandRun compared =
        CommandRun.of(
            "compare", study.toString(), "--out=" + folder.resolve("listed"), "--classpath=" + jar);

    assertThat(listed.out())
        .containsPattern(
            "parquet:FILE\\|DIR .*\nlisted:FILE +pictures and their classes in a list");
    assertThat(read.exitCode()).as(read.err()).isZero();
    assertThat(read.out())
        .startsWith("listed:" + list + " is well: 32 training, 4 validation and 4 test images");
    assertThat(columns.err()).contains("listed:" + list + " has no columns");
    assertThat(without.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(without.err()).contains("unknown data \"listed:", "parquet:FILE|DIR");
    assertThat(compared.exitCode()).as(compared.err()).isEqualTo(4);
    assertThat(compared.err()).contains("the data have [even, odd]");
  }

  /** The study gets as far as its data, which are not there: all its names are known. */
  @Test
  void aStudyMayNameThem() throws IOException {
    Path study =
        Files.writeString(
            folder.resolve("study.yaml"),
            """
            data: cifar10:no-such-folder
            teacher: bundled:cifar10
            student: tiny
            training: {epochs: 1}
            methods:
              - cosine
              - name: both
                objectives:
                  - cross-entropy
                  - cosine: {weight: 0.5, crossEntropy: 0}
                  - mean-matching: {rate: 0.5}
                  - adversary: {on: [logits], discriminator: {architecture: quadratic}}
            """);
    String out = folder.resolve("out").toString();
    String[] arguments = {"compare", study.toString(), "--out", out};

    CommandRun unknown = CommandRun.of(arguments);
    CommandRun known = CommandRun.of(List.of("--classpath", jar.toString()), arguments);

    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("there is no method 'cosine'");
    assertThat(known.exitCode()).isEqualTo(4);
    assertThat(known.err()).contains("no-such-folder");
  }

  @Test
  void anOpponentOfTheirOwnLearnsAndIsMeasured() throws IOException {
    IdxNoise.write(folder, 40, 8);
    String training = "training: {epochs: 1, batchSize: 8, precision: fp32}\n";
    Path network =
        Files.writeString(
            folder.resolve("teacher.yaml"), "data: idx:data\nnetwork: resnet8\n" + training);
    Path teacher = folder.resolve("teacher");
    Path study =
        Files.writeString(
            folder.resolve("opponent.yaml"),
            """
            data: idx:data
            teacher: teacher/runs/resnet8-cross-entropy-seed1
            student: tiny
            seeds: [1]
            cache: {gigabytes: 0}
            methods: [{name: matched, objectives: [cross-entropy, mean-matching]}]
            """
                + training);
    Path out = folder.resolve("matched");

    CommandRun trained = CommandRun.of("train", network.toString(), "--out", teacher.toString());
    CommandRun compared =
        CommandRun.of(
            "compare", study.toString(), "--out", out.toString(), "--classpath", jar.toString());

    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(compared.exitCode()).as(compared.err()).isZero();
    assertThat(out.resolve("runs/tiny-matched-seed1/metrics.jsonl"))
        .content()
        .containsPattern("\"objectives\":.*\"mean-matching\":-?[0-9]")
        .containsPattern("\"adversaries\":\\{\"mean-matching\":\\{\"distance\":-?[0-9]");
    assertThat(out.resolve("report.html")).isNotEmptyFile();
  }

  /** A report is of names and results, so whoever has the folder alone can draw it. */
  @Test
  void theirStudysReportNeedsNoJar() throws IOException {
    Path out = Files.createDirectories(folder.resolve("done"));
    Files.writeString(
        out.resolve("resolved.yaml"),
        """
        students:
        - {network: tiny, init: random, name: tiny}
        seeds: [1]
        methods:
        - name: own
          objectives:
          - cosine: {weight: 0.5}
        comparisons: []
        test: true
        """);
    Files.writeString(
        out.resolve("inputs.json"),
        """
        {"dataset": {"name": "mine", "train": 8, "validation": 2, "test": 4}, "data": "d1",
         "precision": "fp32", "configuration": "c1", "source": "s1"}
        """);
    Path run = Files.createDirectories(out.resolve("runs/tiny-own-seed1"));
    Files.writeString(
        run.resolve("result.json"),
        """
        {"student": "tiny", "method": "own", "seed": 1, "testAccuracy": 0.75, "seconds": 2,
         "imagesPerSecond": 4, "parameters": 1194, "macs": 32}
        """);
    CommandRun report = CommandRun.of("report", out.toString());
    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(out.resolve("summary.md")).content().contains("| tiny | own | 1 | 75.00 |");
    assertThat(out.resolve("report.html")).isNotEmptyFile();
  }

  @Test
  void aJarThatIsNotThereIsSaid() {
    assertThat(CommandRun.of("list", "methods", "--classpath", "no.jar"))
        .isEqualTo(
            new CommandRun(
                2, "", "retort: --classpath names 'no.jar', and there is no such jar or folder\n"));
  }
}
