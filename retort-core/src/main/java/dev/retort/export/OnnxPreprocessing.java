package dev.retort.export;

import dev.retort.data.ChannelStatistics;
import dev.retort.network.Graph;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxGraph;
import dev.retort.onnx.OnnxGraph.Dimension;
import java.util.List;
import java.util.Map;

/** The part of an ONNX graph that makes a network's images of a picture's bytes. */
final class OnnxPreprocessing {
  /** The input: uint8, {@code [batch, height, width, channels]} of any height and width. */
  static final String PIXELS = "pixels";

  /** Of {@code [batch, height, width, channels]}. */
  private static final long[] ROWS_AND_COLUMNS = {1, 2};

  private final OnnxGraph graph;

  OnnxPreprocessing(OnnxGraph graph) {
    this.graph = graph;
  }

  /**
   * Declares unsigned bytes, row by row with interleaved channels, as input, brings them to the
   * network's size as {@link dev.retort.data.Resizing} does, and normalises them.
   *
   * @param shape of the network's images: channels, height, width
   * @param covered height and width that the scaled pictures just cover; their middle is cut out
   */
  void write(long[] shape, long[] covered, ChannelStatistics statistics) {
    graph.input(
        PIXELS,
        OnnxField.UINT8,
        List.of(
            new Dimension("batch"),
            new Dimension("height"),
            new Dimension("width"),
            new Dimension(shape[0])));
    resize(covered);
    cutMiddle(shape[1], shape[2]);
    graph.node("Cast", List.of("pixels:cut"), "pixels:float", Map.of("to", (long) OnnxField.FLOAT));
    graph.node(
        "Transpose",
        List.of("pixels:float"),
        "pixels:planes",
        Map.of("perm", new long[] {0, 3, 1, 2}));
    graph.node(
        "Div",
        List.of("pixels:planes", graph.constant("pixels:white", new float[] {255})),
        "pixels:unit");
    String mean = graph.constant("pixels:mean", statistics.mean(), shape[0], 1, 1);
    String deviation =
        graph.constant("pixels:deviation", statistics.standardDeviation(), shape[0], 1, 1);
    graph.node("Sub", List.of("pixels:unit", mean), "pixels:centred");
    graph.node("Div", List.of("pixels:centred", deviation), Graph.IMAGES);
  }

  /**
   * Scales to the least size that covers: a side as long as wanted, or, if that is longer, as its
   * proportion to the other says, cut off to whole pixels. ONNX Runtime resamples bytes as Pillow
   * does, in whole numbers and rounded after each direction, but computes the weights in fp32, so
   * that a byte in a hundred or more is another by one, seldom by two. Of fp32 rounded at the end,
   * one in seven is.
   */
  private void resize(long[] covered) {
    graph.node("Shape", List.of(PIXELS), "pixels:size", Map.of("start", 1L, "end", 3L));
    String swap = graph.constant("pixels:size:swap", new long[] {1, 0}, 2);
    graph.node("Gather", List.of("pixels:size", swap), "pixels:size:other");
    String other =
        graph.constant("pixels:size:covered:other", new long[] {covered[1], covered[0]}, 2);
    graph.node("Mul", List.of("pixels:size", other), "pixels:size:product");
    graph.node(
        "Div", List.of("pixels:size:product", "pixels:size:other"), "pixels:size:proportional");
    String least = graph.constant("pixels:size:covered", covered, 2);
    graph.node("Max", List.of("pixels:size:proportional", least), "pixels:size:scaled");
    graph.node(
        "Resize",
        List.of(PIXELS, "", "", "pixels:size:scaled"),
        "pixels:scaled",
        Map.of(
            "mode",
            "linear",
            "antialias",
            1L,
            "coordinate_transformation_mode",
            "half_pixel",
            "exclude_outside",
            1L,
            "axes",
            ROWS_AND_COLUMNS));
  }

  /**
   * Cuts out the middle. Where it lies half a pixel off, it begins at the even one of the two:
   * (rest + rest / 2 mod 2) / 2 in whole numbers.
   */
  private void cutMiddle(long height, long width) {
    String size = graph.constant("pixels:cut:size", new long[] {height, width}, 2);
    String two = graph.constant("pixels:cut:two", new long[] {2});
    graph.node("Sub", List.of("pixels:size:scaled", size), "pixels:cut:rest");
    graph.node("Div", List.of("pixels:cut:rest", two), "pixels:cut:half");
    graph.node("Mod", List.of("pixels:cut:half", two), "pixels:cut:odd");
    graph.node("Add", List.of("pixels:cut:rest", "pixels:cut:odd"), "pixels:cut:twice");
    graph.node("Div", List.of("pixels:cut:twice", two), "pixels:cut:first");
    graph.node("Add", List.of("pixels:cut:first", size), "pixels:cut:end");
    String axes = graph.constant("pixels:cut:axes", ROWS_AND_COLUMNS, 2);
    graph.node(
        "Slice",
        List.of("pixels:scaled", "pixels:cut:first", "pixels:cut:end", axes),
        "pixels:cut");
  }
}
