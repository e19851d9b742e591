package dev.retort.report;

/**
 * A method of one student over its finished seeds.
 *
 * @param testAccuracy one accuracy a seed, fractions; empty while no run has finished or where the
 *     test set is left unread
 */
record MethodResult(String student, String method, SeedSample testAccuracy) {}
