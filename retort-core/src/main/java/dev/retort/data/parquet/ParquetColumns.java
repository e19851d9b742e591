package dev.retort.data.parquet;

import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import dev.retort.data.DatasetOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * The two columns of a table that are read.
 *
 * @param image a group with {@code bytes}, or bytes themselves
 * @param label integers, or texts
 */
record ParquetColumns(String image, boolean imageIsGroup, String label) {
  private static final String BYTES = "bytes";
  private static final List<String> LABELS = List.of("label", "labels", "fine_label", "class");

  /** What pandas adds to a table that was cut out of another one. */
  private static final Pattern PANDAS_INDEX = Pattern.compile("__index_level_\\d+__");

  /**
   * The columns that the options name, or the only ones that can be meant.
   *
   * @throws DataException if there are none, or several
   * @throws UnreadableColumnException if there is no such column with images or classes
   */
  static ParquetColumns of(MessageType schema, DatasetOptions options, Path file) {
    List<String> images =
        schema.getFields().stream().filter(ParquetColumns::isImage).map(Type::getName).toList();
    List<String> labels =
        schema.getFields().stream().filter(ParquetColumns::isLabel).map(Type::getName).toList();
    if (options.labelColumn() == null) {
      requireUsualLabels(schema, labels, file);
    }
    String image =
        choose(
            options.imageColumn(),
            images,
            List.of(),
            "imageColumn",
            "--image-column",
            file,
            schema);
    String label =
        choose(
            options.labelColumn(), labels, LABELS, "labelColumn", "--label-column", file, schema);
    return new ParquetColumns(image, !schema.getType(image).isPrimitive(), label);
  }

  private static String choose(
      @Nullable String asked,
      List<String> possible,
      List<String> usual,
      String key,
      String option,
      Path file,
      MessageType schema) {
    if (asked != null && possible.contains(asked)) {
      return asked;
    }
    if (asked == null && possible.size() == 1) {
      return possible.get(0);
    }
    if (asked == null) {
      for (String name : usual) {
        if (possible.contains(name)) {
          return name;
        }
      }
    }
    String columns =
        schema.getFields().stream().map(Type::getName).collect(Collectors.joining(", "));
    String sentence =
        ("%s: its columns are %s%s (data.%s in a configuration, %s on the command line); possible"
                + " are %s")
            .formatted(
                file,
                columns,
                asked == null ? ": name the one to read" : "; '" + asked + "' cannot be read",
                key,
                option,
                possible);
    throw asked == null ? new DataException(sentence) : new UnreadableColumnException(sentence);
  }

  /** A column with a usual name is not passed over for another one because of its type. */
  private static void requireUsualLabels(MessageType schema, List<String> labels, Path file) {
    if (LABELS.stream().anyMatch(labels::contains)) {
      return;
    }
    for (String name : LABELS) {
      if (schema.containsField(name)) {
        throw new DataException(
            "%s: its column %s has neither whole numbers nor texts, but %s: write it so, or name another (data.labelColumn in a configuration, --label-column on the command line)"
                .formatted(file, name, typeName(schema.getType(name))));
      }
    }
  }

  private static String typeName(Type type) {
    if (!type.isPrimitive()) {
      return "groups of values";
    }
    PrimitiveType primitive = type.asPrimitiveType();
    LogicalTypeAnnotation meaning = primitive.getLogicalTypeAnnotation();
    return meaning == null ? primitive.getPrimitiveTypeName().name() : meaning.toString();
  }

  /**
   * Refuses a table whose columns are others than those of the first one: of a table without
   * labels, another number would be taken for them.
   */
  void requireSame(ParquetColumns columns, Path file, Path first) {
    if (!image.equals(columns.image) || !label.equals(columns.label)) {
      throw new DataException(
          "%s: its images and classes are the columns %s and %s, and those of %s are %s and %s"
              .formatted(file, image, label, first, columns.image, columns.label));
    }
  }

  private static boolean isImage(Type type) {
    if (type.isRepetition(Repetition.REPEATED)) {
      return false;
    }
    if (type.isPrimitive()) {
      return isBinary(type.asPrimitiveType());
    }
    return type.asGroupType().containsField(BYTES)
        && type.asGroupType().getType(BYTES).isPrimitive()
        && isBinary(type.asGroupType().getType(BYTES).asPrimitiveType());
  }

  private static boolean isBinary(PrimitiveType type) {
    return type.getPrimitiveTypeName() == PrimitiveTypeName.BINARY
        && !(type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation);
  }

  private static boolean isLabel(Type type) {
    if (!type.isPrimitive()
        || type.isRepetition(Repetition.REPEATED)
        || PANDAS_INDEX.matcher(type.getName()).matches()) {
      return false;
    }
    PrimitiveType primitive = type.asPrimitiveType();
    LogicalTypeAnnotation meaning = primitive.getLogicalTypeAnnotation();
    boolean isInteger =
        primitive.getPrimitiveTypeName() == PrimitiveTypeName.INT32
            || primitive.getPrimitiveTypeName() == PrimitiveTypeName.INT64;
    return meaning instanceof StringLogicalTypeAnnotation
        || (isInteger && (meaning == null || meaning instanceof IntLogicalTypeAnnotation));
  }

  /** The schema with nothing else in it. */
  MessageType only(MessageType schema) {
    Type picture = schema.getType(image);
    Type reduced =
        imageIsGroup
            ? picture.asGroupType().withNewFields(picture.asGroupType().getType(BYTES))
            : picture;
    return new MessageType(schema.getName(), reduced, schema.getType(label));
  }

  /** The picture's file; empty where the row has none. */
  byte[] picture(Group record) {
    if (record.getFieldRepetitionCount(image) == 0) {
      return new byte[0];
    }
    if (!imageIsGroup) {
      return bytes(record.getBinary(image, 0));
    }
    Group picture = record.getGroup(image, 0);
    return picture.getFieldRepetitionCount(BYTES) == 0
        ? new byte[0]
        : bytes(picture.getBinary(BYTES, 0));
  }

  /** Its own {@code getBytes} makes an array of the length that a damaged page declares. */
  private static byte[] bytes(Binary value) {
    ByteBuffer within = value.toByteBuffer();
    byte[] bytes = new byte[within.remaining()];
    within.get(bytes);
    return bytes;
  }

  /** The row's class. */
  ParquetLabel label(Group record, Path file, long row) {
    if (record.getFieldRepetitionCount(label) == 0) {
      return new ParquetLabel.Numbered(Dataset.UNLABELLED);
    }
    PrimitiveType type = record.getType().getType(label).asPrimitiveType();
    if (type.getPrimitiveTypeName() == PrimitiveTypeName.BINARY) {
      return new ParquetLabel.Named(record.getString(label, 0));
    }
    long number =
        type.getPrimitiveTypeName() == PrimitiveTypeName.INT32
            ? record.getInteger(label, 0)
            : record.getLong(label, 0);
    if (number < Dataset.UNLABELLED || number > 1_000_000) {
      throw new DataException(
          file + ", row " + row + ": column " + label + " has " + number + ", which is no class");
    }
    return new ParquetLabel.Numbered((int) number);
  }
}
