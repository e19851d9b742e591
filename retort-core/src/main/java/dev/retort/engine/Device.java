package dev.retort.engine;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Where tensors live and are computed. A process computes on one GPU at most, the one that {@link
 * #start} chose.
 */
public enum Device {
  CPU(DeviceType.CPU),
  CUDA(DeviceType.CUDA);

  /**
   * Images in one pass of a frozen model on the CPU: more are no faster, since their maps leave the
   * processor's own cache.
   */
  private static final int CHUNK = 64;

  private final DeviceType type;

  Device(DeviceType type) {
    this.type = type;
  }

  DeviceType type() {
    return type;
  }

  /** Whether this machine and this build of LibTorch have the device. */
  public boolean isAvailable() {
    Engine.start();
    return this == CPU || torch.cuda_is_available();
  }

  /**
   * The device of that name.
   *
   * @throws IllegalArgumentException if it is unknown
   * @throws EngineException if it is not available here
   */
  public static Device named(String name) {
    for (Device device : values()) {
      if (device.name().equalsIgnoreCase(name)) {
        if (!device.isAvailable()) {
          throw new EngineException(
              "no %s device here: build with -Pcuda on a machine with an NVIDIA driver, look whether CUDA_VISIBLE_DEVICES names a GPU of this machine, or use cpu"
                  .formatted(name));
        }
        return device;
      }
    }
    throw new IllegalArgumentException("unknown device " + name + ": cpu or cuda");
  }

  /**
   * Makes the calling thread, which is to compute, use this device, and the process's GPU kernels
   * repeatable: cuDNN's deterministic ones without a search for the fastest, no TF32 in the place
   * of fp32, and a warning from LibTorch of an operation that has no deterministic kernel. Of
   * several processes on a machine, each uses the GPU of its number among those that it sees. One
   * that sees a single GPU uses that one, be it the launcher's choice for it or shared with the
   * others. Does nothing for the CPU.
   *
   * @throws EngineException if several GPUs are visible, but none of this process's number
   */
  public void start() {
    if (this == CPU) {
      return;
    }
    Engine.start();
    Rendezvous meeting = Rendezvous.of(System.getenv());
    int index = index(meeting == null ? 0 : meeting.localRank(), torch.cuda_device_count());
    if (index > 0) {
      Loader.load(torch_cuda.class);
      torch_cuda.set_device((byte) index);
    }
    Context context = torch.globalContext();
    context.setBenchmarkCuDNN(false);
    context.setDeterministicCuDNN(true);
    context.setAllowTF32CuDNN(false);
    context.setAllowTF32CuBLAS(false);
    context.setAllowBF16ReductionCuBLAS(false);
    context.setDeterministicAlgorithms(true, true);
    context.setDeterministicFillUninitializedMemory(false);
  }

  /**
   * The GPU of one of a machine's processes: the only one that it sees, which its launcher then
   * chose ({@code CUDA_VISIBLE_DEVICES}), else the one with its number.
   */
  static int index(int localRank, int visible) {
    if (visible > 1 && localRank >= visible) {
      throw new EngineException(
          """
          process %s of this machine (LOCAL_RANK) has no GPU, because only %s are visible; start \
          as many processes as there are GPUs"""
              .formatted(localRank, visible));
    }
    return visible > 1 ? localRank : 0;
  }

  /**
   * How many images a frozen model is applied to at once. On the CPU it is always the same number,
   * the last images padded, since LibTorch chooses its kernels by a batch's size and their last
   * bits differ. A GPU is idle with so few, and takes the whole batch, which the training has room
   * for; an image's last bits may then depend on its batch.
   *
   * @param batch the images at hand
   */
  public int chunk(int batch) {
    return this == CPU ? CHUNK : batch;
  }

  /**
   * Whether a frozen model's outputs for an image must not depend on the image's place in a batch,
   * though products of one image at a time are slower.
   */
  public boolean isAlikeForAll() {
    return this == CPU;
  }

  /** As LibTorch names it; belongs to the innermost open scope. */
  public org.bytedeco.pytorch.Device ofEngine() {
    return new org.bytedeco.pytorch.Device(type);
  }

  /** The number of the GPU that computes, as other libraries want it. */
  public int index() {
    Loader.load(torch_cuda.class);
    return torch_cuda.current_device();
  }

  /** Whether a tensor is there. */
  public boolean holds(Tensor tensor) {
    return this == CPU ? tensor.is_cpu() : tensor.is_cuda();
  }

  /** The tensor there, differentiable in the given one; itself where it is there already. */
  public Tensor place(Tensor tensor) {
    return holds(tensor) ? tensor : tensor.to(ofEngine(), tensor.scalar_type());
  }
}
