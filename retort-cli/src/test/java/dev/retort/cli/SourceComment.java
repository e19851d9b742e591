package dev.retort.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the comment of a type in retort-core says of it, as Markdown.
 *
 * @param text the paragraphs
 * @param parameters by name
 * @param links those of {@code @see}
 */
record SourceComment(String text, Map<String, String> parameters, List<String> links) {
  private static final Path SOURCES = Path.of("../retort-core/src/main/java");

  /** Of a type by its simple name, which may have its enclosing type before it. */
  static SourceComment of(String type) throws IOException {
    String[] names = type.split("\\.", -1);
    String source = source(names[0]);
    Matcher comment =
        Pattern.compile(
                "(?s)/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:@\\w+(?:\\([^)]*\\))?\\s*)*"
                    + "(?:(?:public|final|static|sealed|abstract|private) )*"
                    + "(?:record|class|enum|interface) "
                    + names[names.length - 1]
                    + "\\b")
            .matcher(source);
    if (!comment.find()) {
      throw new AssertionError(type + " has no comment");
    }
    return parsed(comment.group(1).replaceAll("(?m)^\\s*\\* ?", ""));
  }

  private static String source(String type) throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      Path file = files.filter(each -> each.endsWith(type + ".java")).findFirst().orElseThrow();
      return Files.readString(file);
    }
  }

  private static SourceComment parsed(String comment) {
    String[] parts = comment.split("(?m)^@", -1);
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : parts) {
      if (part.startsWith("param ")) {
        String[] named = part.substring("param ".length()).split("\\s+", 2);
        parameters.put(named[0], markdown(named[1]));
      }
    }
    List<String> links =
        Pattern.compile("@see <a\\s+href=\"([^\"]+)\">([^<]+)</a>")
            .matcher(comment)
            .results()
            .map(link -> "[%s](%s)".formatted(plain(link.group(2)), link.group(1)))
            .toList();
    return new SourceComment(
        Stream.of(parts[0].split("<p>", -1))
            .map(SourceComment::markdown)
            .collect(Collectors.joining("\n\n")),
        parameters,
        links);
  }

  private static String markdown(String javadoc) {
    String text =
        Pattern.compile("\\{@code\\s+([^{}]*(?:\\{[^{}]*}[^{}]*)*)}")
            .matcher(plain(javadoc))
            .replaceAll(found -> Matcher.quoteReplacement("`" + found.group(1).strip() + "`"));
    return Pattern.compile("\\{@link\\s+([^\\s}]+)(?:\\s+([^}]+))?}")
        .matcher(text)
        .replaceAll(SourceComment::linked);
  }

  private static String linked(MatchResult link) {
    String text = link.group(2) == null ? link.group(1).replaceFirst("^#", "") : link.group(2);
    return Matcher.quoteReplacement("`" + text.replace('#', '.') + "`");
  }

  private static String plain(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
