/** Classifies pictures with an exported student, by ONNX Runtime and Java alone. */
@NullMarked
package dev.retort.serve;

import org.jspecify.annotations.NullMarked;
