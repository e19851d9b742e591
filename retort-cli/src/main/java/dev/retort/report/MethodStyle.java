package dev.retort.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How one method looks in every figure of a report. Colours are those of Okabe and Ito (2008,
 * "Color Universal Design"), which people with the common colour-vision deficiencies tell apart;
 * yellow is left out because it vanishes on white, and orange and sky blue are darkened to the
 * contrast of 3:1. Markers differ too, so that a print without colour reads.
 *
 * @param slot the method's place in the order of looks; slot 0 is the neutral colour
 */
record MethodStyle(int slot) {
  private static final List<Color> OKABE_ITO =
      List.of(
          new Color(0x0072B2),
          new Color(0xD55E00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0xC08500),
          new Color(0x3898D0));

  /** The methods that nearly every study has look the same in all of them. */
  private static final Map<String, Integer> RESERVED =
      Map.of("cross-entropy", 0, "hinton", 1, "adversarial", 2, "adversarial-hinton", 3);

  static MethodStyle of(String method, List<String> allMethods) {
    Integer reserved = RESERVED.get(method);
    if (reserved != null) {
      return new MethodStyle(reserved);
    }
    List<Integer> free = new ArrayList<>();
    for (int slot = 1; free.size() < allMethods.size(); slot++) {
      int candidate = slot;
      boolean taken = allMethods.stream().anyMatch(m -> RESERVED.getOrDefault(m, -1) == candidate);
      if (!taken) {
        free.add(slot);
      }
    }
    List<String> others = allMethods.stream().filter(m -> !RESERVED.containsKey(m)).toList();
    return new MethodStyle(free.get(Math.max(0, others.indexOf(method))));
  }

  Color color(Theme theme) {
    return slot == 0 ? theme.neutral : OKABE_ITO.get((slot - 1) % OKABE_ITO.size());
  }

  /** The colour as CSS has it. */
  String css(Theme theme) {
    return "#%06x".formatted(color(theme).getRGB() & 0xffffff);
  }

  /** Solid, and dashed once all colours have been used. */
  BasicStroke stroke() {
    float width = 2.4f;
    int round = slot == 0 ? 0 : (slot - 1) / OKABE_ITO.size();
    return switch (round) {
      case 0 -> new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
      case 1 -> dashed(width, 9, 5);
      default -> dashed(width, 2, 5);
    };
  }

  static BasicStroke dashed(float width, float on, float off) {
    return new BasicStroke(
        width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {on, off}, 0);
  }

  Shape marker() {
    return switch (slot % 4) {
      case 0 -> new Ellipse2D.Double(-4, -4, 8, 8);
      case 1 -> new Rectangle2D.Double(-3.6, -3.6, 7.2, 7.2);
      case 2 -> polygon(0, -5, 4.8, 3.6, -4.8, 3.6);
      default -> polygon(0, -5.4, 5.4, 0, 0, 5.4, -5.4, 0);
    };
  }

  private static Shape polygon(double... coordinates) {
    Path2D path = new Path2D.Double();
    path.moveTo(coordinates[0], coordinates[1]);
    for (int i = 2; i < coordinates.length; i += 2) {
      path.lineTo(coordinates[i], coordinates[i + 1]);
    }
    path.closePath();
    return path;
  }
}
