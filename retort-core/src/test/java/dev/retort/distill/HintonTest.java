package dev.retort.distill;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class HintonTest {
  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "hinton",
        golden ->
            Hinton.loss(
                golden.tensor("student"), golden.tensor("teacher"), golden.number("temperature")));
  }
}
