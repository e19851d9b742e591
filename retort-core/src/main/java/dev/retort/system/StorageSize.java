package dev.retort.system;

import java.util.Locale;

/** Amounts of storage in words. */
public final class StorageSize {
  private static final double KILO = 1e3;
  private static final double MEGA = 1e6;
  private static final double GIGA = 1e9;

  private StorageSize() {}

  /** In the largest decimal unit of which there is one at least: {@code 2.4 GB}, {@code 0.1 kB}. */
  public static String text(long bytes) {
    if (bytes >= GIGA) {
      return of(bytes / GIGA, "GB");
    }
    return bytes >= MEGA ? of(bytes / MEGA, "MB") : of(bytes / KILO, "kB");
  }

  private static String of(double amount, String unit) {
    return String.format(Locale.ROOT, "%.1f %s", amount, unit);
  }
}
