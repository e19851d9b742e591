package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class WarmUpTest {
  private static final RandomNetworks NETWORKS = new RandomNetworks(Map.of(), Map.of());
  private static final Hinton HINTON = new Hinton(4, 1, 0);

  @Test
  void theTermGrowsLinearlyAndThenStays() {
    Objective warm = WarmUp.of(HINTON, 0.2);
    assertThat(share(warm, 0)).isZero();
    assertThat(share(warm, 0.05)).isCloseTo(0.25, within(1e-12));
    assertThat(share(warm, 0.2)).isCloseTo(1, within(1e-12));
    assertThat(share(warm, 0.9)).isCloseTo(1, within(1e-12));
  }

  private static double share(Objective warm, double progress) {
    try (TensorScope scope = TensorScope.open()) {
      Step step = NETWORKS.step(3, progress, new int[] {0, 1}, 0, 2);
      return Tensors.toDouble(warm.loss(step)) / Tensors.toDouble(HINTON.loss(step));
    }
  }

  /** By reflection, so that a method that objectives are given later is not forgotten here. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allElseIsTheObjectivesOwn(boolean yes) throws ReflectiveOperationException {
    try (TensorScope scope = TensorScope.open()) {
      Map<Class<?>, Object> answers =
          Map.of(
              boolean.class, yes,
              double.class, 0.375,
              String.class, "a name",
              Set.class, Set.of("a layer"),
              Map.class, Map.of("a tensor", Tensors.of(new double[] {1}, 1)),
              Tensor.class, Tensors.of(new double[] {8}, 1).squeeze(),
              State.class, new State(ScalarType.Double, RandomSource.of(1, "state")),
              MeasuredWeight.class, answering(MeasuredWeight.class, (self, asked, with) -> null),
              Opponent.class, answering(Opponent.class, (self, asked, with) -> null));
      Step step = NETWORKS.step(3, 0.25, new int[] {0, 1}, 0, 2);
      for (Method method : Objective.class.getMethods()) {
        if (!Modifier.isStatic(method.getModifiers())) {
          List<Method> asked = new ArrayList<>();
          Objective own =
              answering(
                  Objective.class,
                  (self, called, with) -> {
                    asked.add(called);
                    return answers.get(called.getReturnType());
                  });
          Object[] arguments = new Object[method.getParameterCount()];
          Arrays.fill(arguments, step);
          Object answer = method.invoke(new WarmUp(own, 0.5), arguments);
          assertThat(asked).as(method.getName()).containsExactly(method);
          if (method.getName().equals("loss")) {
            assertThat(Tensors.toDouble((Tensor) answer)).isEqualTo(4);
          } else if (method.getReturnType().isPrimitive()) {
            assertThat(answer).as(method.getName()).isEqualTo(answers.get(method.getReturnType()));
          } else {
            assertThat(answer).as(method.getName()).isSameAs(answers.get(method.getReturnType()));
          }
        }
      }
    }
  }

  private static <T> T answering(Class<T> type, InvocationHandler answers) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
  }

  @Test
  void aWarmUpOfNothingChangesNothing() {
    assertThat(WarmUp.of(HINTON, 0)).isSameAs(HINTON);
  }

  @Test
  void aShareBeyondTheTrainingIsRefused() {
    assertThatThrownBy(() -> WarmUp.requireShare(20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("warmUp is a part of the training, in [0, 1], not 20.0");
  }
}
