package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Augmentation;
import dev.retort.distill.CrossEntropy;
import dev.retort.distill.Hinton;
import dev.retort.distill.HintonStandardized;
import dev.retort.optimization.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Values that the command line gives. */
@NullUnmarked
class ConfigurationOverridesTest extends ReadBack {
  /** A teacher, data or a student that is a name alone gets its other keys by overrides too. */
  @Test
  void overridesReachIntoWhatANameStandsFor() throws IOException {
    StudyConfiguration study =
        study(
            SHORT,
            "teacher.model=resnet8:w.pth",
            "teacher.mean=[0, 0, 0]",
            "teacher.std=[1, 1, 1]",
            "data.size=16",
            "student.init=teacher");

    assertThat(study.teacher().model())
        .isEqualTo("resnet8:" + Path.of("").toAbsolutePath().resolve("w.pth"));
    assertThat(study.teacher().mean()).containsExactly(0.0, 0.0, 0.0);
    assertThat(study.teacher().std()).containsExactly(1.0, 1.0, 1.0);
    assertThat(study.data().source())
        .isEqualTo("cifar10:" + folder.toAbsolutePath().resolve("data"));
    assertThat(study.data().size()).isEqualTo(16);
    assertThat(study.students())
        .containsExactly(new StudentConfiguration("resnet8", "teacher", "resnet8"));
    assertThat(study(SHORT, "teacher.size=16").teacher().model()).isEqualTo("bundled:cifar10");
  }

  @Test
  void overridesWinAndReachIntoPresetsByName() throws IOException {
    StudyConfiguration study =
        study(
            SHORT,
            "training.epochs=3",
            "training.augmentation.flip=none",
            "training.schedule=cosine",
            "seeds=[9]",
            "methods.hinton.objectives.hinton.temperature=2",
            "methods[0].name=plain",
            "comparisons=[[hinton, plain]]",
            "student={network: resnet8, name: small}");
    assertThat(study.training().epochs()).isEqualTo(3);
    assertThat(study.training().augmentation().flip()).isEqualTo(Augmentation.Flip.NONE);
    assertThat(study.training().augmentation().shift()).isEqualTo(4);
    assertThat(study.training().schedule()).isEqualTo(new Schedule.Cosine(0, 0));
    assertThat(study.seeds()).containsExactly(9L);
    assertThat(study.methods())
        .containsExactly(
            new MethodConfiguration("plain", List.of(new CrossEntropy(1.0, 0.0))),
            new MethodConfiguration("hinton", List.of(new Hinton(2.0, 0.9, 0.1))));
    assertThat(study.comparisons()).containsExactly(new Comparison("hinton", "plain"));
    assertThat(study.students().get(0).name()).isEqualTo("small");
  }

  @Test
  void anOverrideReachesIntoAChoiceThatIsWrittenByItsName() throws IOException {
    String named = SHORT.replace("epochs: ", "schedule: one-cycle, epochs: ");
    assertThat(named).isNotEqualTo(SHORT);
    assertThat(study(named, "training.schedule.one-cycle.peak=0.3").training().schedule())
        .isEqualTo(new Schedule.OneCycle(0.3, 0));
    assertThat(study(named, "training.schedule.cosine.warmUp=0.1").training().schedule())
        .isEqualTo(new Schedule.Cosine(0.1, 0));
  }

  @Test
  void aRangeOfASearchIsReachedByItsKeyWithDots() throws IOException {
    StudyConfiguration study =
        study(SHORT, "tune.trials=2", "tune.space.hinton.hinton.weight=[1, 2]");
    assertThat(study.tune().space()).hasToString("{hinton={hinton.weight=[1, 2]}}");
  }

  @Test
  void anOverrideMayCallAnObjectiveByTheNameThatTheFileHas() throws IOException {
    StudyConfiguration study =
        study(
            SHORT.replace("[cross-entropy, hinton]", "[kd, {name: own, objectives: [lskd]}]"),
            "methods.kd.objectives.kd.temperature=2",
            "methods.own.objectives.lskd.weight=3");
    assertThat(study.methods())
        .containsExactly(
            new MethodConfiguration("kd", List.of(new Hinton(2, 0.9, 0.1))),
            new MethodConfiguration("own", List.of(new HintonStandardized(2, 3, 0.1))));
  }

  @Test
  void aNameWithDotsIsFoundInAnOverride() throws IOException {
    StudyConfiguration study =
        study(
            SHORT,
            "methods[1].name=temperature-2.5",
            "methods.temperature-2.5.objectives.hinton.temperature=2.5",
            "comparisons=[]");
    assertThat(study.methods().get(1))
        .isEqualTo(new MethodConfiguration("temperature-2.5", List.of(new Hinton(2.5, 0.9, 0.1))));
  }

  @Test
  void aWholeListOfMethodsMayBeOverridden() throws IOException {
    assertThat(study(SHORT, "methods=[hinton]").methods())
        .extracting(MethodConfiguration::name)
        .containsExactly("hinton");
  }

  @Test
  void aPathInAnOverrideStartsFromTheWorkingFolder() throws IOException {
    assertThat(study(SHORT, "data=cifar10:there").data().source())
        .isEqualTo("cifar10:" + Path.of("there").toAbsolutePath());
  }
}
