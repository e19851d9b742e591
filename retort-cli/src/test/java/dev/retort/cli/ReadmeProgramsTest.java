package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles the Java of README.md and docs/library.md, and runs all but what shrinks, which takes
 * long, on images of 8 x 8 pixels.
 */
class ReadmeProgramsTest {
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern TYPE = Pattern.compile("public (?:final )?(?:class|record) (\\w+)");

  @TempDir Path folder;

  private Path study;

  @BeforeEach
  void writeDataAndStudy() throws IOException {
    IdxNoise.write(folder, 160, 8);
    study =
        Files.writeString(
            folder.resolve("study.yaml"),
            """
            data: idx:data
            student: resnet8
            seeds: [1]
            training: {epochs: 1, batchSize: 8}
            methods: [cross-entropy]
            """);
  }

  @Test
  void thePagesProgramsDistilAndServe() throws Exception {
    Path classes = compile();
    Path out = folder.resolve("out");
    Path onnx = folder.resolve("student.onnx");
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      Method distil = loader.loadClass("Distil").getMethod("main", String[].class);
      distil.invoke(null, (Object) new String[] {study.toString(), out.toString()});
      String run = out.resolve("runs/resnet8-cross-entropy-seed1").toString();
      Path distilled = folder.resolve("distilled");
      String[] arguments = {"idx:" + folder.resolve("data"), run, distilled.toString()};
      loader
          .loadClass("DistilWithoutFile")
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
      assertThat(distilled.resolve("summary.md")).content().contains("| resnet8 | hinton | 3 |");
      String[] exported = {arguments[0], run + "/student.safetensors", onnx.toString()};
      loader
          .loadClass("EvaluateAndExport")
          .getMethod("main", String[].class)
          .invoke(null, (Object) exported);

      Method loop = loader.loadClass("OwnLoop").getMethod("main", String[].class);
      String printed =
          printed(() -> loop.invoke(null, (Object) new String[] {arguments[0], exported[1]}));
      assertThat(printed)
          .matches(
              "(epoch [12]: mean weight of the adversary (0\\.0[1-9]|0\\.[1-9]|[1-9])\\S*\n){2}");

      Path picture = folder.resolve("picture.jpg");
      ImageIO.write(
          new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB), "jpeg", picture.toFile());
      assertThat(served(classes, onnx, picture))
          .matches("Prediction\\[name=[01], probability=(0\\.[5-9]\\d*|1\\.0)]\n");
    }
  }

  private static String printed(ThrowingCallable program) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      program.call();
    } catch (Throwable e) {
      throw new AssertionError("the program fails", e);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  /** In a process that has nothing but what serves on its class path. */
  private static String served(Path classes, Path onnx, Path picture) throws Exception {
    List<String> path = new ArrayList<>(List.of(classes.toString()));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (entry.matches(".*/(retort-serve|retort-image|onnxruntime)[/-].*")) {
        path.add(entry);
      }
    }
    assertThat(path).hasSize(4);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                String.join(File.pathSeparator, path),
                "Serve",
                onnx.toString(),
                picture.toString())
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Compiles the pages' blocks, each into the file of its first public type. */
  private Path compile() throws IOException {
    Path sources = Files.createDirectory(folder.resolve("sources"));
    Path classes = Files.createDirectory(folder.resolve("classes"));
    Matcher block =
        BLOCK.matcher(
            Files.readString(Path.of("../README.md"))
                + Files.readString(Path.of("../docs/library.md")));
    List<String> arguments = new ArrayList<>(List.of("-proc:none", "-d", classes.toString()));
    arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
    while (block.find()) {
      Matcher type = TYPE.matcher(block.group(1));
      assertThat(type.find()).isTrue();
      Path file = sources.resolve(type.group(1) + ".java");
      arguments.add(Files.writeString(file, block.group(1)).toString());
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assertThat(compiler.run(null, null, null, arguments.toArray(new String[0]))).isZero();
    return classes;
  }
}
