package dev.retort.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a JSON list of texts, in which an export names its classes. */
final class ClassNames {
  private static final Pattern TEXT =
      Pattern.compile("\\G\\s*([\\[,])\\s*\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"\\s*");

  private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u(\\p{XDigit}{4})|(.))");

  private ClassNames() {}

  /** The texts in their order; none if it is something else. */
  static List<String> parse(String json) {
    List<String> names = new ArrayList<>();
    Matcher text = TEXT.matcher(json);
    int end = 0;
    while (text.find() && text.group(1).equals(names.isEmpty() ? "[" : ",")) {
      names.add(unescaped(text.group(2)));
      end = text.end();
    }
    return json.substring(end).strip().equals("]") ? List.copyOf(names) : List.of();
  }

  private static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    match.group(1) == null
                        ? plain(match.group(2))
                        : String.valueOf((char) Integer.parseInt(match.group(1), 16))));
  }

  private static String plain(String letter) {
    return switch (letter) {
      case "b" -> "\b";
      case "f" -> "\f";
      case "n" -> "\n";
      case "r" -> "\r";
      case "t" -> "\t";
      default -> letter;
    };
  }
}
