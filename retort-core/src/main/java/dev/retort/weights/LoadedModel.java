package dev.retort.weights;

import dev.retort.network.Network;

/** A network with trained weights, and what one must know to use it. */
public record LoadedModel(Network network, ModelInfo info) {}
