/** A study at work: its runs, the folder of results, the summary and its statistics. */
@NullMarked
package dev.retort.study;

import org.jspecify.annotations.NullMarked;
