package dev.retort.study.config;

/**
 * A configuration that was read.
 *
 * @param name of the file, for messages
 * @param text of the file, as it was
 * @param configuration what the text and the overrides say
 * @param resolved the configuration as YAML with every default written out
 */
public record ConfigurationFile<T>(String name, String text, T configuration, String resolved) {}
