package dev.retort.weights;

import dev.retort.system.FileFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import net.razorvine.pickle.Opcodes;
import org.bytedeco.pytorch.Tensor;

/**
 * A file of named tensors in any form that we read: safetensors, or a state dictionary of PyTorch's
 * ({@code .pth}, {@code .pt}, in the zip archive of today or the older stream), alone or in a
 * checkpoint. There it is what {@code state_dict}, {@code model}, {@code model_state_dict}, {@code
 * net} or {@code network} names, the first of these that has tensors. The contents tell, not the
 * file's name.
 */
public final class StateFile {
  private StateFile() {}

  /**
   * Reads the tensors by name; they belong to the caller's scope, and some may share memory.
   *
   * @throws WeightsException if the file is missing or bad, or its pickle names anything beside
   *     tensors
   */
  public static Map<String, Tensor> read(Path file) {
    if (Files.isDirectory(file)) {
      throw new WeightsException(file + ": not a file");
    }
    try {
      byte[] begin;
      try (InputStream in = Files.newInputStream(file)) {
        begin = in.readNBytes(PyTorchLegacyFile.BEGIN_BYTES);
      }
      if (isZip(begin)) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
          return new PyTorchArchive(file, zip).read();
        }
      }
      if (PyTorchLegacyFile.isBegin(begin)) {
        try (PickleInput in = new PickleInput(Files.newInputStream(file), Files.size(file))) {
          return new PyTorchLegacyFile(file, in).read();
        }
      }
      if (isPickle(begin, Files.size(file))) {
        try (PickleInput in = new PickleInput(Files.newInputStream(file), Files.size(file))) {
          new StateUnpickler(file, in).next();
        }
        throw new WeightsException(
            file + ": a pickle, but no file of torch.save, which keeps tensors beside it");
      }
    } catch (ZipException e) {
      throw new WeightsException(file + ": truncated or damaged zip archive: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new WeightsException(file + ": " + FileFailure.reason(e), e);
    }
    return SafeTensors.read(file).tensors();
  }

  /** Whether a file begins as those of {@code torch.save}; not if it cannot be read. */
  public static boolean isOfPyTorch(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] begin = in.readNBytes(PyTorchLegacyFile.BEGIN_BYTES);
      return isZip(begin) || PyTorchLegacyFile.isBegin(begin);
    } catch (IOException e) {
      return false;
    }
  }

  /** By the four bytes of its first entry: two of them begin the length of some safetensors. */
  private static boolean isZip(byte[] begin) {
    return begin.length > 3 && begin[0] == 'P' && begin[1] == 'K' && begin[2] == 3 && begin[3] == 4;
  }

  /**
   * Whether a file begins as pickles do, in protocol 0 with a name or a mark, and its first eight
   * bytes cannot be the length of a safetensors header.
   */
  private static boolean isPickle(byte[] begin, long size) {
    if (mayBeSafeTensors(begin, size)) {
      return false;
    }
    boolean versioned = begin[0] == (byte) Opcodes.PROTO && begin[1] > 1 && begin[1] < 6;
    boolean named = begin[0] == Opcodes.GLOBAL || begin[0] == Opcodes.MARK;
    return versioned || named;
  }

  /** Whether the first eight bytes can be the length of a header, or are not there. */
  private static boolean mayBeSafeTensors(byte[] begin, long size) {
    if (begin.length < Long.BYTES) {
      return true;
    }
    long header = ByteBuffer.wrap(begin).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return header >= 0 && header <= size;
  }
}
