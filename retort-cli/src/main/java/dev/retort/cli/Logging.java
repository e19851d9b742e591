package dev.retort.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/**
 * Sends log lines to stderr, above the status line: warnings only, unless more is asked for.
 * Logback finds this class as a service when the first logger is made, which most commands that
 * only print never do.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String OWN = "dev.retort";
  private static volatile Terminal terminal = Terminal.ofProcess();
  private static volatile Level level = Level.WARN;

  /** Made by logback. */
  public Logging() {}

  /** Says where log lines go from here on, and how many. */
  static void start(Terminal to, boolean debug) {
    terminal = to;
    Level wanted = debug ? Level.DEBUG : Level.WARN;
    if (wanted != level) { // the arguments may have made a logger already
      level = wanted;
      ((Logger) LoggerFactory.getLogger(OWN)).setLevel(wanted);
    }
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Lines lines = new Lines();
    lines.setContext(context);
    lines.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(lines);
    context.getLogger(OWN).setLevel(level);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static final class Lines extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      String line = event.getFormattedMessage();
      if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
        line = event.getLevel().toString().toLowerCase(Locale.ROOT) + ": " + line;
      }
      terminal.println(line);
    }
  }
}
