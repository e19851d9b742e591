/** Students in other formats: ONNX and TorchScript. */
@NullMarked
package dev.retort.export;

import org.jspecify.annotations.NullMarked;
