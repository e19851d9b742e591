/** The command {@code retort}: one class a subcommand, and how they print, fail and exit. */
@NullMarked
package dev.retort.cli;

import org.jspecify.annotations.NullMarked;
