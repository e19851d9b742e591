package dev.retort.study.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML into a tree that knows where everything was written. Scalars are read by YAML 1.2's
 * core schema, in which {@code on}, {@code yes} and {@code 1:30} are texts; numbers are decimal.
 * Not read, each with a sentence: a key twice, tags, merge keys, several documents, numbers that
 * are not finite, text that is not UTF-8, and input made to grow without bound.
 */
final class YamlReader {
  /** A search of thousands of trials, every key written out, does not come near. */
  static final int MAX_BYTES = 1 << 22;

  private static final int MAX_NESTING = 40;

  /** Of a small file, which aliases make large; a large one has a value for each 8 characters. */
  private static final int MAX_NODES = 50_000;

  private static final int CHARACTERS_A_NODE = 8;

  private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> TRUE = Set.of("true", "True", "TRUE");
  private static final Set<String> FALSE = Set.of("false", "False", "FALSE");
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern NOT_FINITE =
      Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  private static final Tag PLAIN = new Tag("plain scalar");
  private static final Tag QUOTED = new Tag("quoted scalar");
  private static final Tag COLLECTION = new Tag("collection");

  private final UnaryOperator<Location> place;
  private final String source;
  private final List<Node> open = new ArrayList<>();
  private int maxNodes;
  private int nodes;

  private YamlReader(String source, UnaryOperator<Location> place) {
    this.source = source;
    this.place = place;
  }

  /** A file of this package's own. */
  static YamlNode resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(YamlReader.class.getResourceAsStream(name), name)) {
      return Objects.requireNonNull(read(in.readAllBytes(), name), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a file's content.
   *
   * @param source the file's name for messages
   * @return null if there is nothing in it
   * @throws ConfigurationException if it is not such YAML
   */
  static @Nullable YamlNode read(byte[] bytes, String source) {
    Location start = new Location(source, 1, 1);
    if (bytes.length > MAX_BYTES) {
      throw start.problem("", "a configuration of more than " + MAX_BYTES + " bytes is not read");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw start.problem("", "the file is not text in UTF-8; save it in that encoding");
    }
    String withoutMark = text.startsWith("\ufeff") ? text.substring(1) : text;
    return new YamlReader(source, UnaryOperator.identity()).compose(withoutMark);
  }

  /**
   * Reads the value of an override.
   *
   * @param place what stands in for every place in it
   * @return null if there is nothing in it
   * @throws ConfigurationException if it is not such YAML
   */
  static @Nullable YamlNode readValue(String text, Location place) {
    return new YamlReader(place.source(), inText -> place).compose(text);
  }

  private @Nullable YamlNode compose(String text) {
    maxNodes = Math.max(MAX_NODES, text.length() / CHARACTERS_A_NODE);
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(MAX_NESTING);
    options.setMaxAliasesForCollections(maxNodes);
    options.setCodePointLimit(MAX_BYTES);
    options.setTagInspector(anyTag -> true); // convert() refuses them; nothing is constructed
    try {
      StreamReader reader = new StreamReader(new StringReader(text));
      ParserImpl parser = new ParserImpl(reader, options);
      Node root = new Composer(parser, new WrittenTags(), options).getSingleNode();
      return root == null ? null : convert(root, "");
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
      Location location =
          mark == null ? new Location(source, 1, 1) : location(mark.getLine(), mark.getColumn());
      String problem = oneLine(e.getProblem());
      String context = problem.startsWith("but ") ? oneLine(e.getContext()) + " " : "";
      String remedy =
          problem.startsWith("mapping values are not allowed")
              ? "; write cifar10:DIR or stage:3 without a blank behind the colon, or in quotes"
              : "";
      throw location.problem("", "this is not YAML: " + context + problem + remedy);
    } catch (ReaderException e) {
      String before = text.substring(0, text.offsetByCodePoints(0, e.getPosition()));
      int line = (int) before.chars().filter(character -> character == '\n').count();
      throw location(line, before.length() - before.lastIndexOf('\n') - 1)
          .problem("", "this is not YAML: the character U+%04X".formatted(e.getCodePoint()));
    } catch (YAMLException e) {
      throw place
          .apply(new Location(source, 1, 1))
          .problem("", "this is not YAML: " + oneLine(e.getMessage()));
    }
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "it cannot be read" : message.strip().replaceAll("\\s+", " ");
  }

  private Location location(int line, int column) {
    return place.apply(new Location(source, line + 1, column + 1));
  }

  private Location location(Node node) {
    return location(node.getStartMark().getLine(), node.getStartMark().getColumn());
  }

  private YamlNode convert(Node node, String path) {
    if (++nodes > maxNodes) {
      throw location(node).problem(path, "aliases repeat more than " + maxNodes + " values");
    }
    if (open.contains(node)) {
      throw location(node).problem(path, "an alias (*) stands inside what it repeats");
    }
    Tag tag = node.getTag();
    if (!tag.equals(PLAIN) && !tag.equals(QUOTED) && !tag.equals(COLLECTION)) {
      throw location(node)
          .problem(path, "the tag " + shown(tag) + " is not read; write the value without it");
    }
    open.add(node);
    YamlNode converted = converted(node, path);
    open.remove(open.size() - 1);
    return converted;
  }

  private static String shown(Tag tag) {
    String value = tag.getValue();
    return value.startsWith(Tag.PREFIX) ? "!!" + value.substring(Tag.PREFIX.length()) : value;
  }

  private YamlNode converted(Node node, String path) {
    if (node instanceof MappingNode mapping) {
      return mapping(mapping, path);
    }
    if (node instanceof SequenceNode sequence) {
      List<YamlNode> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        items.add(convert(item, path + "[" + items.size() + "]"));
      }
      return new YamlNode.Sequence(items, location(node));
    }
    ScalarNode scalar = (ScalarNode) node;
    JsonNode value =
        scalar.getTag().equals(QUOTED)
            ? JsonNodeFactory.instance.textNode(scalar.getValue())
            : plain(scalar.getValue(), location(node), path);
    return new YamlNode.Scalar(value, location(node));
  }

  private YamlNode.Mapping mapping(MappingNode mapping, String path) {
    YamlNode.Mapping result = new YamlNode.Mapping(location(mapping));
    for (NodeTuple tuple : mapping.getValue()) {
      Location place = location(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
        throw place.problem(path, "a key must be a single word, not a list or mapping");
      }
      String key = keyNode.getValue();
      if (key.equals("<<")) {
        throw place.problem(path, "merge keys (<<) are not read; write the keys out");
      }
      YamlNode.Mapping.Entry first = result.entries().get(key);
      if (first != null) {
        throw place.problem(
            path, "the key '" + key + "' stands here a second time; first at " + first.key());
      }
      YamlNode value = convert(tuple.getValueNode(), path.isEmpty() ? key : path + "." + key);
      result.put(key, place, value);
    }
    return result;
  }

  private static JsonNode plain(String text, Location location, String path) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    if (NOTHING.contains(text)) {
      return json.nullNode();
    }
    if (TRUE.contains(text) || FALSE.contains(text)) {
      return json.booleanNode(TRUE.contains(text));
    }
    if (INTEGER.matcher(text).matches()) {
      BigInteger integer = new BigInteger(text);
      return integer.bitLength() < Long.SIZE
          ? json.numberNode(integer.longValue())
          : json.numberNode(integer);
    }
    boolean decimal = DECIMAL.matcher(text).matches();
    double value = decimal ? Double.parseDouble(text) : 0;
    if (NOT_FINITE.matcher(text).matches() || Double.isInfinite(value)) {
      throw location.problem(path, text + " is not a finite number");
    }
    return decimal ? json.numberNode(value) : json.textNode(text);
  }

  /** Tells tags that were written from those that YAML derives. */
  private static final class WrittenTags extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      // The core schema is applied by plain() above.
    }

    @Override
    public Tag resolve(NodeId kind, @Nullable String value, boolean implicit) {
      if (kind != NodeId.scalar) {
        return COLLECTION;
      }
      return implicit ? PLAIN : QUOTED;
    }
  }
}
