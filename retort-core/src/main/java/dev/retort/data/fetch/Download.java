package dev.retort.data.fetch;

import dev.retort.data.DataException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Brings a file from the web. */
final class Download {
  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final String PROXY =
      ". Java does not read HTTPS_PROXY: RETORT_JAVA_OPTIONS='-Dhttps.proxyHost=HOST"
          + " -Dhttps.proxyPort=PORT' names the proxy";

  private static final long POLL_MILLISECONDS = 100;

  private final Duration patience;
  private final long most;

  /**
   * @param patience how long nothing may arrive before it is given up
   * @param most how many bytes may arrive; a server that sends without end would fill the disk
   */
  Download(Duration patience, long most) {
    this.patience = patience;
    this.most = most;
  }

  /**
   * Writes what is at an address into a file.
   *
   * @throws DataException if it cannot be had whole
   * @throws CancellationException if the thread is interrupted; the transfer is stopped
   */
  void get(URI address, Path into, FetchProgress progress) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    HttpRequest request = HttpRequest.newBuilder(address).build();
    AtomicLong total = new AtomicLong(FetchProgress.UNKNOWN);
    CompletableFuture<HttpResponse<Path>> transfer =
        client.sendAsync(
            request,
            answer -> {
              if (answer.statusCode() != 200) {
                return HttpResponse.BodySubscribers.replacing(into);
              }
              total.set(
                  answer
                      .headers()
                      .firstValueAsLong("Content-Length")
                      .orElse(FetchProgress.UNKNOWN));
              return BodyHandlers.ofFile(into).apply(answer);
            });
    try {
      int status = await(address, transfer, into, total, progress).statusCode();
      if (status != 200) {
        throw new DataException(address + " answered with status " + status);
      }
    } finally {
      transfer.cancel(true);
    }
    long size = Files.size(into);
    if (total.get() >= 0 && size != total.get()) {
      throw brokenOff(address, size, total.get(), null);
    }
    progress.at("downloading", size, size);
  }

  private HttpResponse<Path> await(
      URI address,
      CompletableFuture<HttpResponse<Path>> transfer,
      Path into,
      AtomicLong total,
      FetchProgress progress)
      throws IOException {
    long arrived = 0;
    long since = System.nanoTime();
    while (true) {
      try {
        return transfer.get(POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long size = Files.exists(into) ? Files.size(into) : 0;
        progress.at("downloading", size, total.get());
        if (size > most) {
          throw new DataException(
              "%s sends more than %,d bytes, which the data set is not; try another --from"
                  .formatted(address, most));
        }
        if (size > arrived) {
          arrived = size;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > patience.toNanos()) {
          throw new DataException(
              address + " has sent nothing for " + patience.toSeconds() + " s; try again later");
        }
      } catch (ExecutionException e) {
        Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
        if (total.get() >= 0) {
          throw brokenOff(address, Files.exists(into) ? Files.size(into) : 0, total.get(), cause);
        }
        throw new DataException(
            "%s cannot be had (%s); try again, or another --from%s"
                .formatted(address, reason(cause), needsProxy() ? PROXY : ""),
            cause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("the download was interrupted");
      }
    }
  }

  private static boolean needsProxy() {
    return System.getProperty("https.proxyHost") == null
        && (System.getenv("HTTPS_PROXY") != null || System.getenv("https_proxy") != null);
  }

  /** The message closest to the root; the HTTP client's own are often empty. */
  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String name = root.getClass().getSimpleName();
    return root.getMessage() == null ? name : name + ": " + root.getMessage();
  }

  private static DataException brokenOff(
      URI address, long size, long total, @Nullable Throwable cause) {
    return new DataException(
        "the download of %s broke off after %s of %s bytes%s; try again"
            .formatted(address, size, total, cause == null ? "" : " (" + reason(cause) + ")"),
        cause);
  }
}
