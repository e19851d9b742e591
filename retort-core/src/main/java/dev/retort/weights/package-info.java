/** Weights files: safetensors and PyTorch's state dictionaries. */
@NullMarked
package dev.retort.weights;

import org.jspecify.annotations.NullMarked;
