/** What ONNX files cost to serve: time and memory in ONNX Runtime, without LibTorch. */
@NullMarked
package dev.retort.serving;

import org.jspecify.annotations.NullMarked;
