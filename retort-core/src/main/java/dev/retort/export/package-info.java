/** Students in other formats: ONNX. */
@NullMarked
package dev.retort.export;

import org.jspecify.annotations.NullMarked;
