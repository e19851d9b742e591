package dev.retort.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch_gloo;
import org.bytedeco.pytorch.global.torch_nccl;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * Ranks that work together through c10d, the engine under PyTorch's DistributedDataParallel: Gloo
 * for tensors on the CPU, NCCL for tensors on GPUs.
 */
public final class C10d implements Collective {
  /** As PyTorch's users name the network that Gloo is to take. */
  private static final String INTERFACE = "GLOO_SOCKET_IFNAME";

  private static final int RETRY_MILLISECONDS = 100;

  private final int rank;
  private final int ranks;
  private final Device device;
  private final Duration timeout;
  private final Store server;
  private final Store store;
  private final Backend backend;

  private C10d(
      Rendezvous meeting,
      Device device,
      Duration timeout,
      Store server,
      Store store,
      Backend backend) {
    this.rank = meeting.rank();
    this.ranks = meeting.ranks();
    this.device = device;
    this.timeout = timeout;
    this.server = server;
    this.store = store;
    this.backend = backend;
  }

  /**
   * Meets the other ranks, and waits for them.
   *
   * @param device through which the backend sends; tensors of another are taken there and back
   * @param timeout of every operation, this one too; at least a second
   * @throws EngineException if they do not come within the timeout
   * @throws EngineException if this build of LibTorch has no c10d: it is in those for Linux alone
   */
  public static C10d join(Rendezvous meeting, Device device, Duration timeout) {
    Engine.start();
    long deadline = System.nanoTime() + timeout.toNanos();
    try (PointerScope scope = new PointerScope()) {
      Loader.load(device == Device.CUDA ? torch_nccl.class : torch_gloo.class);
      if (!serves(meeting)) {
        awaitServer(meeting, deadline);
      }
      Store server = server(meeting, timeout);
      server.setTimeout(new Milliseconds(millisecondsUntil(deadline)));
      String start = "retort/" + meeting.attempt() + "/" + device.name();
      Store store = new PrefixStore(start, server);
      Backend backend =
          device == Device.CUDA ? nccl(meeting, store, timeout) : gloo(meeting, store, timeout);
      server.setTimeout(new Milliseconds(timeout.toMillis()));
      return new C10d(
          meeting, device, timeout, held(scope, server), held(scope, store), held(scope, backend));
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new EngineException(
          "this build of LibTorch cannot train with several ranks (%s); the one for Linux can"
              .formatted(Loader.getPlatform()),
          e);
    } catch (RuntimeException | IOException e) {
      throw new EngineException(
          "rank %s of %s found no way to the others at %s:%s within %s s (%s)"
              .formatted(
                  meeting.rank(),
                  meeting.ranks(),
                  meeting.address(),
                  meeting.port(),
                  timeout.toSeconds(),
                  firstLine(e)),
          e);
    }
  }

  private static boolean serves(Rendezvous meeting) {
    return meeting.rank() == 0 && !meeting.storeIsServed();
  }

  /** c10d's own client would try again and again, each time until the timeout. */
  private static void awaitServer(Rendezvous meeting, long deadline) throws IOException {
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(meeting.address(), meeting.port()), millisecondsUntil(deadline));
        return;
      } catch (IOException e) {
        if (millisecondsUntil(deadline) <= RETRY_MILLISECONDS) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_MILLISECONDS * 1_000_000L);
      }
    }
  }

  private static int millisecondsUntil(long deadline) {
    long left = (deadline - System.nanoTime()) / 1_000_000;
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, left));
  }

  private static Store server(Rendezvous meeting, Duration timeout) {
    TCPStoreOptions options = new TCPStoreOptions();
    options.port((short) meeting.port());
    options.isServer(serves(meeting));
    options.timeout(new Milliseconds(timeout.toMillis()));
    // A rank that has ended must not keep those that have not from starting.
    options.waitWorkers(false);
    return new TCPStore(meeting.address(), options);
  }

  private static Backend gloo(Rendezvous meeting, Store store, Duration timeout) {
    Milliseconds milliseconds = new Milliseconds(timeout.toMillis());
    // Of several machines, rank 0 may know its own name as 127.0.1.1: the user's interface is
    // heard.
    if (System.getenv(INTERFACE) != null || !isLoopback(meeting.address())) {
      ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create_default(milliseconds);
      return new ProcessGroupGloo(store, meeting.rank(), meeting.ranks(), options);
    }
    ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(milliseconds);
    options.devices(
        new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(meeting.address())));
    return new ProcessGroupGloo(store, meeting.rank(), meeting.ranks(), options);
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static Backend nccl(Rendezvous meeting, Store store, Duration timeout) {
    ProcessGroupNCCL group = new ProcessGroupNCCL(store, meeting.rank(), meeting.ranks());
    group.setTimeout(new Milliseconds(timeout.toMillis()));
    return group;
  }

  private static <P extends Pointer> P held(PointerScope scope, P pointer) {
    pointer.retainReference();
    scope.detach(pointer);
    return pointer;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int ranks() {
    return ranks;
  }

  @Override
  public void sum(Tensor tensor) {
    inPlace(tensor, dense -> await(() -> backend.allreduce(new TensorVector(dense))));
  }

  @Override
  public void broadcast(Tensor tensor) {
    inPlace(tensor, dense -> await(() -> backend.broadcast(new TensorVector(dense))));
  }

  @Override
  public Tensor gather(Tensor rows) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor dense = device.place(rows.detach()).contiguous();
      long[] shape = dense.shape();
      shape[0] *= ranks;
      Tensor all = dense.new_empty(shape);
      if (all.numel() > 0) {
        await(() -> backend._allgather_base(all, dense));
      }
      return scope.keep(Tensors.toDeviceOf(all, rows));
    }
  }

  /** Backends want tensors on their device whose elements lie in order. */
  private void inPlace(Tensor tensor, Consumer<Tensor> operation) {
    if (tensor.numel() == 0) {
      return;
    }
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor dense = device.place(tensor.detach()).contiguous();
      operation.accept(dense);
      if (!tensor.is_contiguous() || !device.holds(tensor)) {
        tensor.copy_(dense);
      }
    }
  }

  private void await(Supplier<Work> operation) {
    try (PointerScope scope = new PointerScope()) {
      operation.get()._wait();
    } catch (RuntimeException e) {
      throw new EngineException(
          """
          rank %s of %s stops, because another one has ended or did not answer within %s s (%s); \
          start all of them again with --resume"""
              .formatted(rank, ranks, timeout.toSeconds(), firstLine(e)),
          e);
    }
  }

  /** Without the place in LibTorch's sources, which stands in brackets before the message. */
  private static String firstLine(Exception failure) {
    String message = String.valueOf(failure.getMessage());
    return message.lines().findFirst().orElse("").replaceFirst("^\\[[^\\]]*\\] ", "");
  }

  @Override
  public void close() {
    backend.deallocate();
    store.deallocate();
    server.deallocate();
  }
}
