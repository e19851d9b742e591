package dev.retort.report;

import static dev.retort.report.CommittedResults.DOCS;
import static dev.retort.report.CommittedResults.FOLDER;
import static dev.retort.report.CommittedResults.difference;
import static dev.retort.report.CommittedResults.summary;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.study.Statistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * Every difference that a page gives with its interval, such as +2.36 (+2.23 … +2.49), is that of
 * two methods of the committed records, paired by seed. Which two a sentence means, and which way
 * round, this does not read: the tests of the tables do.
 */
class DifferenceFiguresTest {
  private static final String NUMBER = "[+−]?\\d+\\.\\d\\d(?!\\d)";
  private static final Pattern INTERVAL = Pattern.compile(NUMBER + " … " + NUMBER);
  private static final Pattern POINTS = Pattern.compile("(?<![\\d.])" + NUMBER);
  private static final Pattern GENERATED =
      Pattern.compile("<!-- (\\S+): begin -->.*?<!-- \\1: end -->", Pattern.DOTALL);

  /** How far before its interval a mean may stand, in characters. */
  private static final int REACH = 60;

  /**
   * Figures of something else, by page: one student's images and ratios of times, of which those
   * that have a record are in {@link ReadmeFiguresTest}; runs that are not kept; changes of a gain,
   * which {@link LongerTrainingFiguresTest} has; files in 8 bits; and a part of a study's seeds.
   */
  private static final Map<String, Set<String>> OTHERS =
      Map.ofEntries(
          entry("../README.md", Set.of("5.21 (+4.65 … +5.77)", "+0.54 (−2.74 … +3.81)")),
          entry("how-to/int8.md", Set.of("0.04 (−0.14 … +0.21)")),
          entry(
              "how-to/time-limit.md",
              Set.of(
                  "5.21 (+4.65 … +5.77)",
                  "22.51 (+21.44 … +23.63)",
                  "14.57 (+13.39 … +15.74)",
                  "7.07 (+6.79 … +7.36)")),
          entry(
              "results.md",
              Set.of(
                  "−1.82 (−2.15 … −1.50)",
                  "+0.94 (−0.23 … +2.11)",
                  "+2.57 (−1.29 … +6.43)",
                  "+4.89 (+1.56 … +8.22)",
                  "+3.51 (−0.84 … +7.86)")),
          entry(
              "results/after-convergence.md",
              Set.of(
                  "−1.82 (−2.15 … −1.50)",
                  "−0.72 (−1.17 … −0.27)",
                  "−0.24 (−0.98 … +0.50)",
                  "−0.62 (−1.32 … +0.07)",
                  "−0.59 (−1.36 … +0.18)")),
          entry("results/cifar10-equal-tuning.md", Set.of("+0.94 (−0.23 … +2.11)")),
          entry(
              "results/cifar10-presets.md",
              Set.of(
                  "+0.67 (−1.16 … +2.50)",
                  "+0.60 (−2.02 … +3.22)",
                  "+0.53 (−3.15 … +4.22)",
                  "+0.03 (−5.21 … +5.28)",
                  "−0.37 (−2.39 … +1.66)",
                  "−2.13 (−5.38 … +1.11)",
                  "−4.37 (−6.02 … −2.71)",
                  "−1.60 (−2.10 … −1.10)")),
          entry(
              "results/cifar10-resnet8.md",
              Set.of("0.35 (+0.21 … +0.49)", "+0.14 (−0.12 … +0.41)")),
          entry("results/cifar10-serving.md", Set.of("0.04 (−0.14 … +0.21)")),
          entry(
              "results/longer-training.md",
              Set.of(
                  "+2.57 (−1.29 … +6.43)",
                  "+4.89 (+1.56 … +8.22)",
                  "+3.51 (−0.84 … +7.86)",
                  "+0.94 (−0.23 … +2.11)")),
          entry(
              "tutorials/photographs.md", Set.of("5.12 (+4.99 … +5.25)", "+0.54 (−2.74 … +3.81)")));

  @Test
  void everyDifferenceOnAPageIsOneOfTheRecords() throws IOException {
    Set<String> differences = differences();
    SoftAssertions all = new SoftAssertions();
    int found = 0;
    for (Path page : pages()) {
      String text = GENERATED.matcher(Files.readString(page)).replaceAll("");
      String name = DOCS.relativize(page).toString();
      Set<String> others = new HashSet<>();
      for (MatchResult interval : INTERVAL.matcher(text).results().toList()) {
        String before = text.substring(Math.max(0, interval.start() - REACH), interval.start());
        List<String> readings = readings(before, interval.group());
        if (OTHERS.getOrDefault(name, Set.of()).contains(readings.get(0))) {
          others.add(readings.get(0));
        } else {
          found++;
          all.assertThat(readings)
              .as("%s: %s%s", name, before, interval.group())
              .anyMatch(differences::contains);
        }
      }
      all.assertThat(others).as(name).isEqualTo(OTHERS.getOrDefault(name, Set.of()));
    }
    all.assertAll();
    assertThat(found).isGreaterThan(200);
  }

  /** As written, and with a sign that words may stand for: "loses 1.17 (0.85 … 1.49)". */
  private static List<String> readings(String before, String interval) {
    Matcher number = POINTS.matcher(before);
    String mean = "";
    while (number.find()) {
      mean = number.group();
    }
    String range =
        Character.isDigit(interval.charAt(0)) ? "+" + interval.replace("… ", "… +") : interval;
    String figures = "%s (%s)".formatted(mean, range);
    return List.of(figures, "+" + figures, "−" + figures);
  }

  /** Of any two methods on the same images that have two seeds or more in common. */
  private static Set<String> differences() throws IOException {
    List<Map<String, Double>> results = new ArrayList<>();
    try (Stream<Path> studies = Files.list(FOLDER)) {
      for (Path study : studies.sorted().toList()) {
        if (Files.exists(study.resolve("summary.json"))) {
          JsonNode summary = summary(study.getFileName().toString());
          for (JsonNode method : summary.get("methods")) {
            for (String accuracy : List.of("testAccuracy", "validationAccuracy")) {
              results.add(bySeed(summary.at("/dataset/name").asText(), method, accuracy));
            }
          }
        }
      }
    }
    Set<String> differences = new HashSet<>();
    for (Map<String, Double> of : results) {
      for (Map<String, Double> from : results) {
        List<Double> paired =
            of.entrySet().stream()
                .filter(result -> from.containsKey(result.getKey()))
                .map(
                    result -> result.getValue() - Objects.requireNonNull(from.get(result.getKey())))
                .toList();
        if (paired.size() > 1 && Statistics.paired(paired).interval() != null) {
          differences.add(difference(Statistics.paired(paired)));
        }
      }
    }
    return differences;
  }

  /** By data, accuracy and seed. */
  private static Map<String, Double> bySeed(String data, JsonNode method, String accuracy) {
    Map<String, Double> bySeed = new TreeMap<>();
    JsonNode accuracies = method.path(accuracy);
    for (int i = 0; i < accuracies.size(); i++) {
      if (accuracies.get(i).isNumber()) {
        bySeed.put(
            String.join(" ", data, accuracy, method.get("seeds").get(i).asText()),
            accuracies.get(i).asDouble());
      }
    }
    return bySeed;
  }

  /** README and those in docs, without the files of the records. */
  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(DOCS, 2)) {
      return Stream.concat(Stream.of(DOCS.resolve("../README.md")), docs.sorted())
          .filter(file -> file.toString().endsWith(".md"))
          .toList();
    }
  }
}
