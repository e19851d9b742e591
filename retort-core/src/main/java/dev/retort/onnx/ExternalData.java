package dev.retort.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.retort.system.FileFailure;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The files beside an ONNX file that its weights lie in. Only those in the model's own folder, or
 * below it, are read: a path that leads elsewhere could show the author of the model what is there.
 */
final class ExternalData {
  private static final String LOCATION = "location";

  private final Path model;
  private final Set<Path> files = new TreeSet<>();

  ExternalData(Path model) {
    this.model = model;
  }

  /** The deepest nesting of graphs in graphs (bodies of loops and branches). */
  private static final int DEEPEST = 20;

  /**
   * Looks at every tensor of a model: of its graph, of the graphs inside it, and of its functions.
   *
   * @return the files that they lie in
   * @throws WeightsException if a path leads out of the model's folder, or to no file
   */
  Set<Path> check(ParsedMessage whole) throws InvalidProtocolBufferException {
    for (ParsedMessage graph : whole.messages(OnnxField.MODEL_GRAPH)) {
      check(graph, 0);
    }
    for (ParsedMessage function : whole.messages(OnnxField.MODEL_FUNCTION)) {
      nodes(function.messages(OnnxField.FUNCTION_NODE), 0);
    }
    return files;
  }

  private void check(ParsedMessage graph, int depth) throws InvalidProtocolBufferException {
    if (depth > DEEPEST) {
      throw new WeightsException(model + ": refused: its graphs are nested too deeply");
    }
    for (ParsedMessage tensor : graph.messages(OnnxField.GRAPH_INITIALIZER)) {
      tensor(tensor);
    }
    for (ParsedMessage sparse : graph.messages(OnnxField.GRAPH_SPARSE_INITIALIZER)) {
      sparse(sparse);
    }
    nodes(graph.messages(OnnxField.GRAPH_NODE), depth);
  }

  private void sparse(ParsedMessage sparse) throws InvalidProtocolBufferException {
    for (ParsedMessage tensor : sparse.messages(OnnxField.SPARSE_VALUES)) {
      tensor(tensor);
    }
    for (ParsedMessage tensor : sparse.messages(OnnxField.SPARSE_INDICES)) {
      tensor(tensor);
    }
  }

  private void nodes(List<ParsedMessage> nodes, int depth) throws InvalidProtocolBufferException {
    for (ParsedMessage node : nodes) {
      for (ParsedMessage attribute : node.messages(OnnxField.NODE_ATTRIBUTE)) {
        for (ParsedMessage tensor : attribute.messages(OnnxField.ATTRIBUTE_TENSOR)) {
          tensor(tensor);
        }
        for (ParsedMessage tensor : attribute.messages(OnnxField.ATTRIBUTE_TENSORS)) {
          tensor(tensor);
        }
        for (ParsedMessage sparse : attribute.messages(OnnxField.ATTRIBUTE_SPARSE_TENSOR)) {
          sparse(sparse);
        }
        for (ParsedMessage inner : attribute.messages(OnnxField.ATTRIBUTE_GRAPH)) {
          check(inner, depth + 1);
        }
        for (ParsedMessage inner : attribute.messages(OnnxField.ATTRIBUTE_GRAPHS)) {
          check(inner, depth + 1);
        }
      }
    }
  }

  private void tensor(ParsedMessage tensor) throws InvalidProtocolBufferException {
    for (ParsedMessage entry : tensor.messages(OnnxField.TENSOR_EXTERNAL)) {
      if (entry.text(OnnxField.ENTRY_KEY).equals(LOCATION)) {
        location(tensor.text(OnnxField.TENSOR_NAME), entry.text(OnnxField.ENTRY_VALUE));
      }
    }
  }

  private void location(String tensor, String location) {
    try {
      Path folder = Objects.requireNonNull(model.toAbsolutePath().getParent()).toRealPath();
      Path named = folder.resolve(location).normalize();
      if (Path.of(location).isAbsolute() || !named.startsWith(folder)) {
        throw outside(tensor, location);
      }
      if (!Files.isRegularFile(named)) {
        throw new WeightsException(
            model + ": the file '" + location + "' with the tensor '" + tensor + "' is missing");
      }
      if (!named.toRealPath().startsWith(folder)) {
        throw outside(tensor, location);
      }
      files.add(named);
    } catch (InvalidPathException e) {
      throw outside(tensor, location);
    } catch (IOException e) {
      throw new WeightsException(
          model + ": the file '" + location + "' cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private WeightsException outside(String tensor, String location) {
    return new WeightsException(
        "%s: refused: the tensor '%s' would be read from '%s', outside the model's folder"
            .formatted(model, tensor, location));
  }
}
