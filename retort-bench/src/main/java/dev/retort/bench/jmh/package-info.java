/** The parts in Java, measured by themselves with JMH. */
@NullMarked
package dev.retort.bench.jmh;

import org.jspecify.annotations.NullMarked;
