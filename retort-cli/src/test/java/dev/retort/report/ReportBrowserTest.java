package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogType;

/** The page in a real browser, where Debian's chromium and chromium-driver are installed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportBrowserTest {
  private ChromeDriver driver;

  @BeforeAll
  void openBrowser(@TempDir Path folder, @TempDir Path profile) throws Exception {
    Browser.assumeInstalled();
    Report.write(SyntheticStudy.readWithIntervals(SyntheticStudy.demo(folder)), null);
    driver = Browser.open(profile);
    driver.get(folder.resolve("report.html").toUri().toString());
  }

  @AfterAll
  void closeBrowser() {
    if (driver != null) {
      driver.quit();
    }
  }

  @ParameterizedTest
  @CsvSource({"390, light", "390, dark", "1440, light", "1440, dark"})
  void figuresShowInTheReadersThemeAndThePageNeverScrollsSideways(int width, String theme) {
    emulate(width, "screen", theme);
    assertThat(driver.executeScript("return window.innerWidth")).isEqualTo((long) width);
    assertThat(number("return document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(number("return document.documentElement.clientWidth"));
    assertThat(number("return document.querySelectorAll('figure').length")).isEqualTo(7);
    String other = theme.equals("light") ? "dark" : "light";
    assertThat(number("return " + visible(theme))).isEqualTo(7);
    assertThat(number("return " + visible(other))).isZero();
    assertThat(number("return " + linesInside(theme))).isGreaterThanOrEqualTo(7);
    assertThat(driver.manage().logs().get(LogType.BROWSER).getAll()).isEmpty();
  }

  /** The first box is the table of methods, the one that scrolls at 390 pixels and not at 1440. */
  @ParameterizedTest
  @CsvSource({"390, 0, 1", "390, 10000, 0", "1440, 0, 0"})
  void aBoxShowsThatThereIsMoreOnItsRightUntilItIsScrolledThere(
      int width, int left, double opacity) {
    emulate(width, "screen", "light");
    assertThat(
            driver.executeAsyncScript(
                "const done = arguments[1], box = document.querySelector('.scroll');"
                    + " box.scrollLeft = arguments[0];"
                    + " requestAnimationFrame(() => requestAnimationFrame(() =>"
                    + " done(+getComputedStyle(box, '::after').opacity)));",
                left))
        .asString()
        .satisfies(shown -> assertThat(Double.parseDouble(shown)).isEqualTo(opacity));
  }

  @Test
  void onPaperThePageIsLightAndFitsAnA4SheetsWidth() {
    // 718 CSS pixels: 210 mm less two margins of 10 mm, at 96 pixels an inch.
    emulate(718, "print", "dark");
    assertThat(number("return " + visible("light"))).isEqualTo(7);
    assertThat(number("return " + visible("dark"))).isZero();
    assertThat(number("return document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(number("return document.documentElement.clientWidth"));
  }

  private void emulate(int width, String media, String theme) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "media",
            media,
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
    driver.navigate().refresh();
  }

  private long number(String script) {
    return ((Number) driver.executeScript(script)).longValue();
  }

  /** How many figures of a theme take up a readable room. */
  private static String visible(String theme) {
    return "[...document.querySelectorAll('figure ."
        + theme
        + " svg')].filter(s => { const r = s.getBoundingClientRect();"
        + " return r.width > 300 && r.height > 150; }).length";
  }

  /** How many curves and dots of a theme have a size on the screen. */
  private static String linesInside(String theme) {
    return "[...document.querySelectorAll('figure ."
        + theme
        + " svg path, figure ."
        + theme
        + " svg circle')].filter(s => { const r = s.getBoundingClientRect();"
        + " return r.width > 5 && r.height > 5; }).length";
  }
}
