/** How fast Retort is on this machine, and against the same work in Python. */
@NullMarked
package dev.retort.bench;

import org.jspecify.annotations.NullMarked;
