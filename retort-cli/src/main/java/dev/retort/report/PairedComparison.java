package dev.retort.report;

import org.jspecify.annotations.Nullable;

/**
 * A method against a baseline, runs paired by seed, as {@code summary.json} has it.
 *
 * @param n the number of pairs
 * @param meanDifference the method's accuracy less the baseline's, a fraction; null without pairs
 * @param low lower end of the 95 % interval of the difference; null with fewer than two pairs
 * @param high upper end of the same
 * @param pValue of the paired t test
 * @param adjustedPValue the same after Holm's adjustment over all comparisons
 * @param requiredSeeds how many pairs would show the difference seen, at α 0.05 and power 0.8; null
 *     where that cannot be said
 */
record PairedComparison(
    String student,
    String method,
    String baseline,
    int n,
    @Nullable Double meanDifference,
    @Nullable Double low,
    @Nullable Double high,
    @Nullable Double pValue,
    @Nullable Double adjustedPValue,
    @Nullable Integer requiredSeeds) {}
