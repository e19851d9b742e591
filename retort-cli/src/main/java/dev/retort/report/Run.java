package dev.retort.report;

import dev.retort.study.EpochMetrics;
import dev.retort.study.config.RunName;
import java.util.List;

/**
 * The curves of one run of the grid, finished or not.
 *
 * @param epochs its metrics in the order of epochs
 */
record Run(RunName name, List<EpochMetrics> epochs) {}
