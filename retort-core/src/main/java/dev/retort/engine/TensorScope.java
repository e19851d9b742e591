package dev.retort.engine;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Owns every tensor made on this thread between {@link #open()} and {@link #close()}, and frees
 * them at the close. Scopes nest; a training has one, and each of its steps has one inside:
 *
 * <pre>{@code
 * try (TensorScope step = TensorScope.open()) {
 *   Tensor loss = …;
 *   return step.keep(loss); // handed to the enclosing scope
 * }
 * }</pre>
 *
 * <p>A scope belongs to the thread that opened it.
 */
public final class TensorScope implements AutoCloseable {
  private static final String REMEDY =
      "open one around the work: try (TensorScope scope = TensorScope.open()) { … }";

  private final PointerScope scope;

  private TensorScope(PointerScope scope) {
    this.scope = scope;
  }

  /** Opens a scope inside the innermost open one of this thread. */
  public static TensorScope open() {
    Engine.start();
    return new TensorScope(new PointerScope());
  }

  /**
   * Hands a tensor of this scope to the enclosing scope, so that it outlives this one.
   *
   * @param tensor that was made in this scope: one of another owner would lose its owner's hold
   * @return the same tensor
   * @throws IllegalStateException if there is no enclosing scope: only the garbage collector, which
   *     native memory does not press, would free the tensor
   */
  public Tensor keep(Tensor tensor) {
    PointerScope enclosing = enclosing();
    if (enclosing == null) {
      throw new IllegalStateException(
          """
          a tensor cannot be kept beyond the outermost TensorScope of its thread, since nothing \
          would free it; %s"""
              .formatted(REMEDY));
    }
    // A scope holds a reference, and the last one to go frees the tensor: attach before detaching.
    enclosing.attach(tensor);
    scope.detach(tensor);
    return tensor;
  }

  /**
   * Checks that a tensor made now on this thread belongs to a scope.
   *
   * @throws IllegalStateException if no scope is open
   */
  static void requireOpen() {
    if (PointerScope.getInnerScope() == null) {
      throw new IllegalStateException(
          """
          a tensor cannot be made where no TensorScope is open on this thread, since nothing \
          would free it; %s"""
              .formatted(REMEDY));
    }
  }

  /** Frees one of this scope's tensors before the others; it must have been made in this scope. */
  public void free(Tensor tensor) {
    scope.detach(tensor);
  }

  /** Takes a tensor out of this scope, into no other. */
  Tensor release(Tensor tensor) {
    tensor.retainReference();
    scope.detach(tensor);
    return tensor;
  }

  private @Nullable PointerScope enclosing() {
    var scopes = PointerScope.getScopeIterator();
    boolean found = false;
    while (scopes.hasNext()) {
      PointerScope next = scopes.next();
      if (found) {
        return next;
      }
      found = next == scope;
    }
    return null;
  }

  @Override
  public void close() {
    scope.close();
  }
}
