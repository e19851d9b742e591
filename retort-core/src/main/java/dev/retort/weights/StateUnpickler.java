package dev.retort.weights;

import dev.retort.weights.PickledTensor.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.Unpickler;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle of PyTorch's, of 0.1.10 or newer and of Python 2 or 3, that consists of tensors,
 * dictionaries, lists, texts and numbers. A pickle is a program that may call anything; this one
 * may call the few functions that rebuild tensors, and everything else is refused by name. The
 * library's own constructors, and its reflection for object states, are never reached.
 */
final class StateUnpickler extends Unpickler {
  private static final int LONGEST_NAME = 500;

  /** Of all dictionaries together; networks have thousands of tensors. */
  private static final int MAXIMUM_PAIRS = 1_000_000;

  /** Of a storage; what is more, no file holds, and its size in bytes would overflow. */
  private static final long MOST_NUMBERS = Long.MAX_VALUE / Long.BYTES;

  /** What {@code torch.save} writes, in its protocols 2 to 4, and the library reads safely. */
  private static final Set<Short> PLAIN_OPCODES =
      Set.of(
          Opcodes.PROTO,
          Opcodes.FRAME,
          Opcodes.STOP,
          Opcodes.MARK,
          Opcodes.POP,
          Opcodes.NONE,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.BININT2,
          Opcodes.LONG1,
          Opcodes.BINFLOAT,
          Opcodes.SHORT_BINUNICODE,
          Opcodes.SHORT_BINSTRING,
          Opcodes.EMPTY_TUPLE,
          Opcodes.TUPLE,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.EMPTY_LIST,
          Opcodes.APPEND,
          Opcodes.APPENDS,
          Opcodes.BINPERSID,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.MEMOIZE,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET);

  private static final Map<String, TensorType> STORAGES =
      Map.of(
          "BoolStorage", TensorType.BOOL,
          "ByteStorage", TensorType.U8,
          "CharStorage", TensorType.I8,
          "ShortStorage", TensorType.I16,
          "HalfStorage", TensorType.F16,
          "BFloat16Storage", TensorType.BF16,
          "IntStorage", TensorType.I32,
          "FloatStorage", TensorType.F32,
          "DoubleStorage", TensorType.F64,
          "LongStorage", TensorType.I64);

  private final Path file;
  private long pairsRead;
  private final PickleInput pickle;
  private final Map<String, Storage> storages = new LinkedHashMap<>();

  /** Reads pickles from where the stream stands; {@code file} is for messages. */
  StateUnpickler(Path file, PickleInput pickle) {
    this.file = file;
    this.pickle = pickle;
  }

  /** Every storage that the pickles so far refer to, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  /** A function that a pickle may call. */
  private interface Function {
    @Nullable Object call(Object[] arguments);
  }

  /**
   * Reads the next pickle, up to its end.
   *
   * @return Map, List, Object[], String, Number, Boolean, {@link PickledTensor} or null
   * @throws WeightsException if it names anything that is not allowed, or is damaged
   */
  @Nullable Object next() throws IOException {
    memo.clear();
    try {
      return load(pickle);
    } catch (WeightsException e) {
      throw e;
    } catch (RuntimeException e) {
      // The library reports most damage by whatever goes wrong inside it.
      throw new WeightsException(file + ": the pickle is damaged: " + e.getMessage(), e);
    }
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    switch (opcode) {
      case Opcodes.GLOBAL -> {
        String module = pickle.readLine(LONGEST_NAME);
        stack.add(named(module, pickle.readLine(LONGEST_NAME)));
      }
      case Opcodes.INST -> {
        String module = pickle.readLine(LONGEST_NAME);
        throw refused(module, pickle.readLine(LONGEST_NAME));
      }
      case Opcodes.STACK_GLOBAL -> {
        String name = (String) stack.pop();
        stack.add(named((String) stack.pop(), name));
      }
      case Opcodes.REDUCE -> {
        Object[] arguments = (Object[]) stack.pop();
        stack.add(((Function) stack.pop()).call(arguments));
      }
      case Opcodes.BUILD -> {
        stack.pop();
        if (!(stack.peek() instanceof Map)) {
          throw new WeightsException(file + ": the pickle sets the state of an object");
        }
        // A state dictionary's own attribute, _metadata, with versions of modules.
      }
      case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<Object, Object>());
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        put(stack.pop(), value, stack.peek());
      }
      case Opcodes.SETITEMS -> {
        List<Object> items = stack.pop_all_since_marker();
        for (int i = 0; i < items.size(); i += 2) {
          put(items.get(i), items.get(i + 1), stack.peek());
        }
      }
      case Opcodes.BINUNICODE, Opcodes.BINSTRING -> {
        if (pickle.peekLength() > pickle.remaining()) {
          throw new WeightsException(file + ": the pickle is cut off in a text");
        }
        return super.dispatch(opcode);
      }
      default -> {
        if (!PLAIN_OPCODES.contains(opcode)) {
          throw new WeightsException(
              String.format(
                  "%s: the pickle has the instruction 0x%02x, which no state dictionary needs",
                  file, opcode));
        }
        return super.dispatch(opcode);
      }
    }
    return NO_RETURN_VALUE;
  }

  /** Texts and numbers only: hashing a key of nested lists could take for ever. */
  @SuppressWarnings("unchecked")
  private void put(Object key, Object value, Object dictionary) {
    if (!(key instanceof String || key instanceof Number || key instanceof Boolean)) {
      throw new WeightsException(file + ": a dictionary has a key that is no text or number");
    }
    ((Map<Object, Object>) dictionary).put(key, value);
  }

  private Object named(String module, String name) {
    if (module.equals("torch") || module.equals("torch.cuda")) {
      TensorType type = STORAGES.get(name);
      if (type != null) {
        return type;
      }
    }
    Function function =
        switch (module + "." + name) {
          // PyTorch before 0.4 names the one without a version.
          case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" -> this::tensor;
          case "torch._utils._rebuild_parameter" -> arguments -> (PickledTensor) arguments[0];
          case "collections.OrderedDict" -> this::orderedDictionary;
          case "torch.Size" -> arguments -> arguments[0];
          default -> null;
        };
    if (function == null) {
      throw refused(module, name);
    }
    return function;
  }

  private WeightsException refused(String module, String name) {
    return new WeightsException(
        "%s: refused: its pickle names %s.%s, and a state dictionary consists of tensors only; save model.state_dict(), not the model, and no other objects beside it"
            .formatted(file, module, name));
  }

  /** Of nothing, or as Python 2 writes it of {@code [[key, value], …]}. */
  private Object orderedDictionary(Object[] arguments) {
    Map<Object, Object> dictionary = new LinkedHashMap<>();
    if (arguments.length == 0) {
      return dictionary;
    }
    if (arguments.length != 1 || !(arguments[0] instanceof List<?> pairs)) {
      throw new WeightsException(file + ": the pickle makes a dictionary from other objects");
    }
    pairsRead += pairs.size();
    if (pairsRead > MAXIMUM_PAIRS) { // one list may be named many times
      throw new WeightsException(file + ": its dictionaries have too many entries");
    }
    for (Object each : pairs) {
      if (!(each instanceof List<?> pair) || pair.size() != 2) {
        throw new WeightsException(file + ": the pickle makes a dictionary from other objects");
      }
      put(pair.get(0), pair.get(1), dictionary);
    }
    return dictionary;
  }

  /** {@code (storage, offset, size, stride)}, and since PyTorch 0.4 what does not matter here. */
  private PickledTensor tensor(Object[] arguments) {
    // The seventh: whether its numbers are negated or conjugated where they are read.
    if (arguments.length > 6 && arguments[6] instanceof Map<?, ?> flags && !flags.isEmpty()) {
      throw new WeightsException(
          file + ": a tensor is a negated or conjugated view; save its clone()");
    }
    return new PickledTensor(
        Objects.requireNonNull((Storage) arguments[0], "a tensor without a storage"),
        ((Number) arguments[1]).longValue(),
        longs((Object[]) arguments[2]),
        longs((Object[]) arguments[3]));
  }

  private long[] longs(Object[] numbers) {
    if (numbers.length > PickledTensor.MAXIMUM_DIMENSIONS) {
      throw new WeightsException(file + ": a tensor has " + numbers.length + " dimensions");
    }
    return Arrays.stream(numbers).mapToLong(each -> ((Number) each).longValue()).toArray();
  }

  /** {@code ("storage", type, key, device, count)}, and in the old form a view of another. */
  @Override
  protected Object persistentLoad(Object id) {
    Object[] parts = (Object[]) id;
    if (!"storage".equals(parts[0])) {
      throw new PickleException("it refers to something that is no storage");
    }
    if (parts.length > 5 && parts[5] != null) {
      throw new WeightsException(file + ": its storages are views, a form that is not supported");
    }
    Storage storage =
        new Storage(
            Objects.requireNonNull((String) parts[2], "a storage without a key"),
            Objects.requireNonNull((TensorType) parts[1], "a storage without a type"),
            ((Number) parts[4]).longValue());
    Storage other = storages.putIfAbsent(storage.key(), storage);
    if (storage.count() < 0
        || storage.count() > MOST_NUMBERS
        || (other != null && !other.equals(storage))) {
      throw new WeightsException(
          file + ": storage " + storage.key() + " has no size, or two sizes or types");
    }
    return storage;
  }
}
