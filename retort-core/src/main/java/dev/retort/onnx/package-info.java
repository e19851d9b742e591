/**
 * ONNX files: their messages, and running them with ONNX Runtime. The format is that of
 * onnx/onnx.proto (<a href="https://onnx.ai/onnx/repo-docs/IR.html">onnx.ai</a>).
 */
@NullMarked
package dev.retort.onnx;

import org.jspecify.annotations.NullMarked;
