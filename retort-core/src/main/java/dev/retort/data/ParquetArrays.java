package dev.retort.data;

import dev.retort.engine.FileFailure;
import dev.retort.engine.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet table of vectors, a row for each image: columns of lists of 16-, 32- or 64-bit floats,
 * and perhaps {@code index} or {@code sample} (integers), {@code split} (texts) and {@code view}
 * (integers from 0). Other columns are passed over.
 */
public final class ParquetArrays implements ParquetTable.Reader {
  /** Of one array: it is built in one of Java's. */
  private static final int MOST_NUMBERS = Integer.MAX_VALUE - 8;

  private static final String INDEX = "index";
  private static final String SAMPLE = "sample";
  private static final String SPLIT = "split";
  private static final String VIEW = "view";

  /** How many numbers a byte of the file may stand for: those of a network are hardly repeated. */
  private static final long LARGEST_RATIO = 50;

  private static final long ALWAYS_ALLOWED = 1 << 20;

  private final Path file;
  private final List<String> vectors = new ArrayList<>();
  private final Map<String, TreeMap<Long, Rows>> splits = new LinkedHashMap<>();
  private final long bound;
  private boolean hasIndex;
  private String indexColumn = INDEX;
  private boolean hasSplit;
  private boolean hasView;

  /** The rows of one view of one split. */
  private static final class Rows {
    private final List<Long> index = new ArrayList<>();
    private final Map<String, List<float[]>> vectors = new LinkedHashMap<>();
  }

  private ParquetArrays(Path file) throws IOException {
    this.file = file;
    this.bound = ALWAYS_ALLOWED + LARGEST_RATIO * Files.size(file);
  }

  /**
   * Reads a table as arrays {@code [N, d]} of 32-bit floats, of the caller's scope: by the columns'
   * names, preceded by {@code SPLIT.} for every split but {@code train}. With a column {@code view}
   * they are {@code [V, N, d]}, of equally many rows each, in the order of {@code index}.
   *
   * @throws DataException if the file cannot be read, or is no such table
   */
  public static Map<String, Tensor> read(Path file) {
    try {
      ParquetArrays arrays = new ParquetArrays(file);
      ParquetTable.read(file, arrays);
      return arrays.tensors();
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  @Override
  public MessageType columns(MessageType schema) {
    List<Type> wanted = new ArrayList<>();
    for (Type type : schema.getFields()) {
      boolean known =
          switch (type.getName()) {
            case INDEX, SAMPLE -> require(type, isInteger(type), "integers");
            case VIEW -> require(type, isInteger(type), "integers");
            case SPLIT -> require(type, isText(type), "texts");
            default -> isVector(type) && vectors.add(type.getName());
          };
      if (known) {
        wanted.add(type);
      }
    }
    hasIndex = schema.containsField(INDEX) || schema.containsField(SAMPLE);
    if (schema.containsField(INDEX) && schema.containsField(SAMPLE)) {
      throw new DataException(file + ": there are both index and sample; keep one");
    }
    indexColumn = schema.containsField(SAMPLE) ? SAMPLE : INDEX;
    hasView = schema.containsField(VIEW);
    hasSplit = schema.containsField(SPLIT);
    if (vectors.isEmpty()) {
      throw new DataException(
          file
              + ": no column has lists of 16-, 32- or 64-bit floats; its columns are "
              + schema.getFields().stream().map(Type::getName).toList());
    }
    if (hasView && !hasIndex) {
      throw new DataException(file + ": a table with views needs a column " + INDEX);
    }
    return new MessageType(schema.getName(), wanted);
  }

  private boolean require(Type type, boolean holds, String what) {
    if (!holds) {
      throw new DataException(file + ": column " + type.getName() + " must hold " + what);
    }
    return true;
  }

  private static boolean isInteger(Type type) {
    return type.isPrimitive()
        && !type.isRepetition(Repetition.REPEATED)
        && (type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT32
            || type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT64);
  }

  private static boolean isText(Type type) {
    return type.isPrimitive()
        && !type.isRepetition(Repetition.REPEATED)
        && type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation;
  }

  /** {@code group (LIST) {repeated group list {float element}}}, as Parquet has lists. */
  private static boolean isVector(Type type) {
    if (type.isPrimitive() || type.asGroupType().getFieldCount() != 1) {
      return false;
    }
    Type list = type.asGroupType().getType(0);
    if (list.isPrimitive() || !list.isRepetition(Repetition.REPEATED)) {
      return false;
    }
    return list.asGroupType().getFieldCount() == 1
        && list.asGroupType().getType(0).isPrimitive()
        && !list.asGroupType().getType(0).isRepetition(Repetition.REPEATED)
        && isFloat(list.asGroupType().getType(0).asPrimitiveType());
  }

  private static boolean isFloat(PrimitiveType type) {
    return type.getPrimitiveTypeName() == PrimitiveTypeName.FLOAT
        || type.getPrimitiveTypeName() == PrimitiveTypeName.DOUBLE
        || type.getLogicalTypeAnnotation() instanceof Float16LogicalTypeAnnotation;
  }

  @Override
  public void values(long count) {
    if (count > bound) {
      throw new DataException(
          file + ": refused: the table would swell to more than " + bound + " numbers");
    }
  }

  @Override
  public void row(Group record, long row) {
    String split = hasSplit ? text(record, row) : "train";
    long view = hasView ? integer(record, VIEW, row) : 0;
    Rows rows =
        splits
            .computeIfAbsent(split, name -> new TreeMap<>())
            .computeIfAbsent(view, number -> new Rows());
    if (hasIndex) {
      rows.index.add(integer(record, indexColumn, row));
    }
    for (String name : vectors) {
      List<float[]> column = rows.vectors.computeIfAbsent(name, key -> new ArrayList<>());
      float[] vector = vector(record, name, row);
      if (vector.length == 0 || (!column.isEmpty() && vector.length != width(column))) {
        throw bad(row, name, "has " + vector.length + " numbers, and rows before it others");
      }
      column.add(vector);
    }
  }

  private String text(Group record, long row) {
    if (record.getFieldRepetitionCount(SPLIT) == 0) {
      throw bad(row, SPLIT, "has no value");
    }
    return record.getString(SPLIT, 0);
  }

  private long integer(Group record, String name, long row) {
    if (record.getFieldRepetitionCount(name) == 0) {
      throw bad(row, name, "has no value");
    }
    PrimitiveType type = record.getType().getType(name).asPrimitiveType();
    return type.getPrimitiveTypeName() == PrimitiveTypeName.INT32
        ? record.getInteger(name, 0)
        : record.getLong(name, 0);
  }

  private float[] vector(Group record, String name, long row) {
    if (record.getFieldRepetitionCount(name) == 0) {
      throw bad(row, name, "has no value");
    }
    Group list = record.getGroup(name, 0);
    float[] vector = new float[list.getFieldRepetitionCount(0)];
    for (int i = 0; i < vector.length; i++) {
      Group element = list.getGroup(0, i);
      if (element.getFieldRepetitionCount(0) == 0) {
        throw bad(row, name, "has an empty element");
      }
      vector[i] = number(element);
    }
    return vector;
  }

  private static float number(Group element) {
    return switch (element.getType().getType(0).asPrimitiveType().getPrimitiveTypeName()) {
      case FLOAT -> element.getFloat(0, 0);
      case DOUBLE -> (float) element.getDouble(0, 0);
      default -> HalfPrecision.of(element.getBinary(0, 0).getBytes());
    };
  }

  private DataException bad(long row, String column, String what) {
    return new DataException(file + ", row " + row + ": column " + column + " " + what);
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    splits.forEach(
        (split, views) -> {
          String prefix = split.equals("train") ? "" : split + ".";
          if (hasIndex) {
            long[] index =
                sorted(views.firstEntry().getValue()).keySet().stream().mapToLong(i -> i).toArray();
            requireEqualViews(split, views, index);
            tensors.put(prefix + INDEX, Tensors.of(index, index.length));
          }
          for (String name : vectors) {
            List<Tensor> ofViews = views.values().stream().map(rows -> tensor(rows, name)).toList();
            tensors.put(
                prefix + name,
                hasView
                    ? torch.stack(new TensorVector(ofViews.toArray(new Tensor[0])))
                    : ofViews.get(0));
          }
        });
    return tensors;
  }

  /** The places of rows, in ascending order of their index. */
  private Map<Long, Integer> sorted(Rows rows) {
    TreeMap<Long, Integer> places = new TreeMap<>();
    for (int i = 0; i < rows.index.size(); i++) {
      if (places.put(rows.index.get(i), i) != null) {
        throw new DataException(file + ": there are two rows of image " + rows.index.get(i));
      }
    }
    return places;
  }

  private void requireEqualViews(String split, Map<Long, Rows> views, long[] index) {
    long expected = 0;
    for (Map.Entry<Long, Rows> view : views.entrySet()) {
      long[] own = sorted(view.getValue()).keySet().stream().mapToLong(i -> i).toArray();
      if (view.getKey() != expected++ || !Arrays.equals(own, index)) {
        throw new DataException(
            file
                + ": "
                + split
                + " must have the views from 0 on, each of the same images; view "
                + view.getKey()
                + " does not fit");
      }
      for (String name : vectors) {
        int width = width(rows(views.get(0L), name));
        int ownWidth = width(rows(view.getValue(), name));
        if (ownWidth != width) {
          throw new DataException(
              file
                  + ": "
                  + name
                  + " of "
                  + split
                  + " has "
                  + width
                  + " numbers in view 0, and "
                  + ownWidth
                  + " in view "
                  + view.getKey());
        }
      }
    }
  }

  private static List<float[]> rows(@Nullable Rows rows, String name) {
    List<float[]> vectors = rows == null ? null : rows.vectors.get(name);
    if (vectors == null) {
      throw new IllegalStateException("no column " + name);
    }
    return vectors;
  }

  private static int width(List<float[]> vectors) {
    return vectors.get(0).length;
  }

  private Tensor tensor(Rows rows, String name) {
    List<float[]> vectors = rows(rows, name);
    int width = width(vectors);
    if ((long) vectors.size() * width > MOST_NUMBERS) {
      throw new DataException(
          file
              + ": column "
              + name
              + " has more than "
              + MOST_NUMBERS
              + " numbers; NumPy's files and safetensors hold as many");
    }
    float[] flat = new float[vectors.size() * width];
    if (hasIndex) {
      int at = 0;
      for (int row : sorted(rows).values()) {
        System.arraycopy(vectors.get(row), 0, flat, width * at++, width);
      }
    } else {
      for (int row = 0; row < vectors.size(); row++) {
        System.arraycopy(vectors.get(row), 0, flat, width * row, width);
      }
    }
    return Tensors.of(flat, vectors.size(), width);
  }
}
