package dev.retort.engine;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/**
 * The store through which ranks on this machine find each other. It has its port from the
 * beginning, so that no other program can come between.
 */
final class LocalStore implements AutoCloseable {
  private static final String ADDRESS = "127.0.0.1";

  private final TCPStore store;

  private LocalStore(TCPStore store) {
    this.store = store;
  }

  /** Serves one on a port that is free. */
  static LocalStore open() {
    Engine.start();
    try (PointerScope scope = new PointerScope()) {
      TCPStoreOptions options = new TCPStoreOptions();
      options.port((short) 0);
      options.isServer(true);
      options.waitWorkers(false);
      TCPStore store = new TCPStore(ADDRESS, options);
      store.retainReference();
      scope.detach(store);
      return new LocalStore(store);
    }
  }

  /** Where a rank meets the others. */
  Rendezvous meeting(int rank, int ranks) {
    int port = Short.toUnsignedInt(store.getPort());
    return new Rendezvous(rank, rank, ranks, ADDRESS, port, true, 0);
  }

  /** Ends the service, which the ranks need as long as they work together. */
  @Override
  public void close() {
    store.deallocate();
  }
}
