package dev.retort;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Keeps the order of the packages, and what JavaCPP's lifetimes need, as the architecture says. */
class ArchitectureTest {
  /** From the ground up: a package uses itself and those before it. */
  private static final List<String> NAMES =
      List.of(
          "system",
          "engine",
          "image",
          "serve",
          "data",
          "data.batch",
          "data.fetch",
          "data.parquet",
          "network",
          "weights",
          "onnx",
          "teacher",
          "distill",
          "optimization",
          "adversary",
          "training",
          "export",
          "serving",
          "study.config",
          "study",
          "shrink",
          "report",
          "bench",
          "cli",
          "faults");

  private static final List<String> PACKAGES =
      NAMES.stream().map(ArchitectureTest::pattern).toList();

  private static final String ENGINE = PACKAGES.get(1);

  private static final Set<String> EXPOSED =
      Set.of("org.bytedeco.pytorch.Tensor", "org.bytedeco.pytorch.global.torch$ScalarType");

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("ArchitectureTest"))
          .importPackages("dev.retort");

  /** A package with those in it; alone where these have places of their own. */
  private static String pattern(String name) {
    boolean alone = NAMES.stream().anyMatch(other -> other.startsWith(name + "."));
    return "dev.retort." + name + (alone ? "" : "..");
  }

  @TestFactory
  Stream<DynamicTest> aPackageUsesOnlyThoseBeforeIt() {
    return IntStream.range(0, PACKAGES.size() - 1)
        .mapToObj(
            index ->
                DynamicTest.dynamicTest(
                    PACKAGES.get(index),
                    () ->
                        noClasses()
                            .that()
                            .resideInAPackage(PACKAGES.get(index))
                            .should()
                            .dependOnClassesThat(
                                resideInAnyPackage(
                                    PACKAGES.stream().skip(index + 1).toArray(String[]::new)))
                            .allowEmptyShould(true)
                            .check(HOUSE)));
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    classes().should().resideInAnyPackage(PACKAGES.toArray(String[]::new)).check(HOUSE);
  }

  @Test
  void theArchitecturesTableHasThisOrder() throws IOException {
    List<String> rows = Files.readAllLines(Path.of("..", "docs", "architecture.md"));
    assertThat(
            rows.stream()
                .filter(row -> row.startsWith("| `"))
                .map(row -> row.substring(3, row.indexOf('`', 3)))
                .toList())
        .isEqualTo(NAMES);
  }

  /** A service has neither LibTorch nor another library of Retort's on its class path. */
  @Test
  void whatServesNeedsNothingButJavaAndOnnxRuntime() {
    classes()
        .that()
        .resideInAnyPackage("dev.retort.image", "dev.retort.serve")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "javax..",
            "ai.onnxruntime..",
            "org.jspecify..",
            "dev.retort.image",
            "dev.retort.serve")
        .check(HOUSE);
  }

  /** The loop knows opponents, and not which one it has. */
  @Test
  void trainingKnowsNoAdversary() {
    noClasses()
        .that()
        .resideInAPackage("dev.retort.training..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.retort.adversary..")
        .check(HOUSE);
  }

  /** It runs with ONNX Runtime and the JDK alone on its class path. */
  @Test
  void theProgramThatServesNeedsOnnxRuntimeAlone() {
    classes()
        .that()
        .haveNameMatching("dev\\.retort\\.serving\\.ServingTimer.*")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..", "ai.onnxruntime..")
                .or(nameMatching("dev\\.retort\\.serving\\.ServingTimer.*")))
        .check(HOUSE);
  }

  @Test
  void onlyTheEngineFreesNativeMemory() {
    Set<String> freeing = Set.of("close", "deallocate", "retainReference", "releaseReference");
    noClasses()
        .that()
        .resideOutsideOfPackage(ENGINE)
        .should()
        .accessTargetWhere(
            describe(
                "frees or retains a native object",
                (JavaAccess<?> access) ->
                    freeing.contains(access.getName())
                        && access.getTargetOwner().isAssignableTo(Pointer.class)))
        .orShould()
        .dependOnClassesThat(assignableTo(PointerScope.class))
        .orShould()
        .callMethod(System.class, "gc")
        .orShould()
        .callMethod(Runtime.class, "gc")
        .check(HOUSE);
  }

  @Test
  void publicSignaturesExposeNoNativeTypeButTensor() {
    codeUnits()
        .that()
        .areDeclaredInClassesThat(
            describe(
                "are public and outside the engine",
                (JavaClass type) ->
                    isPublic(type) && !type.getPackageName().equals("dev.retort.engine")))
        .and()
        .arePublic()
        .should(exposeOnlyTensors())
        .check(HOUSE);
  }

  /** A public class in a package-private one is not seen from outside. */
  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
  }

  private static ArchCondition<JavaCodeUnit> exposeOnlyTensors() {
    return new ArchCondition<>("name no native type but Tensor and ScalarType") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream())
            .map(JavaType::getAllInvolvedRawTypes)
            .flatMap(Set::stream)
            .filter(type -> type.getPackageName().startsWith("org.bytedeco"))
            .filter(type -> !EXPOSED.contains(type.getFullName()))
            .forEach(
                type ->
                    events.add(
                        violated(unit, unit.getFullName() + " exposes " + type.getFullName())));
      }
    };
  }
}
