/** A frozen model of any origin behind one interface, and the cache of its outputs. */
@NullMarked
package dev.retort.teacher;

import org.jspecify.annotations.NullMarked;
