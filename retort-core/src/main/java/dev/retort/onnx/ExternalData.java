package dev.retort.onnx;

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

  /** ONNX Runtime takes it for an address in the process's memory. */
  private static final String MEMORY = "_ORT_MEM_ADDR_";

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
  Set<Path> check(ParsedMessage whole) throws IOException {
    for (ParsedMessage graph : whole.messages(OnnxField.MODEL_GRAPH)) {
      check(graph, 0);
    }
    for (ParsedMessage function : whole.messages(OnnxField.MODEL_FUNCTION)) {
      nodes(function.messages(OnnxField.FUNCTION_NODE), 0);
      for (ParsedMessage attribute : function.messages(OnnxField.FUNCTION_ATTRIBUTE)) {
        attribute(attribute, 0); // its default value
      }
    }
    return files;
  }

  private void check(ParsedMessage graph, int depth) throws IOException {
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

  /** ONNX Runtime does not look where these lie. */
  private void sparse(ParsedMessage sparse) throws IOException {
    for (int part : new int[] {OnnxField.SPARSE_VALUES, OnnxField.SPARSE_INDICES}) {
      for (ParsedMessage tensor : sparse.messages(part)) {
        if (!tensor.messages(OnnxField.TENSOR_EXTERNAL).isEmpty()) {
          throw new WeightsException(
              "%s: refused: the sparse tensor '%s' would be read from another file"
                  .formatted(model, tensor.text(OnnxField.TENSOR_NAME)));
        }
      }
    }
  }

  private void nodes(List<ParsedMessage> nodes, int depth) throws IOException {
    for (ParsedMessage node : nodes) {
      for (ParsedMessage attribute : node.messages(OnnxField.NODE_ATTRIBUTE)) {
        attribute(attribute, depth);
      }
    }
  }

  private void attribute(ParsedMessage attribute, int depth) throws IOException {
    for (int tensors : new int[] {OnnxField.ATTRIBUTE_TENSOR, OnnxField.ATTRIBUTE_TENSORS}) {
      for (ParsedMessage tensor : attribute.messages(tensors)) {
        tensor(tensor);
      }
    }
    for (int sparse :
        new int[] {OnnxField.ATTRIBUTE_SPARSE_TENSOR, OnnxField.ATTRIBUTE_SPARSE_TENSORS}) {
      for (ParsedMessage tensor : attribute.messages(sparse)) {
        sparse(tensor);
      }
    }
    for (int graphs : new int[] {OnnxField.ATTRIBUTE_GRAPH, OnnxField.ATTRIBUTE_GRAPHS}) {
      for (ParsedMessage inner : attribute.messages(graphs)) {
        check(inner, depth + 1);
      }
    }
  }

  private void tensor(ParsedMessage tensor) throws IOException {
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
      if (Path.of(location).isAbsolute()
          || !named.startsWith(folder)
          || location.contains(MEMORY)) {
        throw outside(tensor, location);
      }
      if (!Files.isRegularFile(named)) {
        throw new WeightsException(
            model + ": the file '" + location + "' with the tensor '" + tensor + "' is missing");
      }
      if (!named.toRealPath().startsWith(folder)) {
        throw new WeightsException(
            "%s: refused: '%s' with the tensor '%s' is a link to a place outside the model's folder; copy the file there"
                .formatted(model, location, tensor));
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
