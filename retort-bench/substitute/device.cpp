// A LibTorch backend that poses as one CUDA device, for machines without a GPU.
//
// It computes in the processor's memory with the CPU's kernels, and refuses every operation whose
// tensors are not all on one device, a scalar tensor included: what runs here has each tensor where
// it should be. It says nothing of CUDA's own kernels, their speed or memory. See run.
#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using at::Tensor;
using torch::jit::Stack;

const c10::Device DEVICE(c10::kCUDA, 0);
const c10::DispatchKeySet KEYS(c10::DispatchKey::CUDA);

// ---- The device itself: it is there, has one number, no streams, and memory of its own.

struct Guard final : c10::impl::NoOpDeviceGuardImpl<c10::kCUDA> {
  c10::Device exchangeDevice(c10::Device) const override { return DEVICE; }
  c10::Device getDevice() const override { return DEVICE; }
  c10::Stream getStream(c10::Device) const noexcept override { return stream(); }
  c10::Stream getDefaultStream(c10::Device) const override { return stream(); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return stream(); }
  // All is done when it returns, so that an event has always happened.
  void record(void**, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void*, c10::DeviceIndex) const noexcept override {}
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream&) const override {}
  void synchronizeEvent(void*) const override {}
  void synchronizeDevice(c10::DeviceIndex) const override {}

 private:
  static c10::Stream stream() { return c10::Stream(c10::Stream::DEFAULT, DEVICE); }
};
C10_REGISTER_GUARD_IMPL(CUDA, Guard)

struct Memory final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    void* data = nullptr;
    if (bytes > 0) {
      TORCH_CHECK(posix_memalign(&data, 64, bytes) == 0, "no memory for ", bytes, " bytes");
    }
    return {data, data, &std::free, DEVICE};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &std::free; }
  void copy_data(void* to, const void* from, std::size_t count) const override {
    default_copy_data(to, from, count);
  }
};
Memory memory;

}  // namespace

namespace at {
// The registry's key is the class's name.
struct CUDAHooks final : CUDAHooksInterface {
  explicit CUDAHooks(CUDAHooksArgs) {}
  void init() const override {}
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(DeviceIndex) const override { return true; }
  bool hasCUDA() const override { return true; }
  int getNumGPUs() const override { return 1; }
  DeviceIndex deviceCount() const override { return 1; }
  DeviceIndex getCurrentDevice() const override { return 0; }
  DeviceIndex current_device() const override { return 0; }
  DeviceIndex exchangeDevice(DeviceIndex) const override { return 0; }
  DeviceIndex maybeExchangeDevice(DeviceIndex) const override { return 0; }
  void setCurrentDevice(DeviceIndex) const override {}
  void deviceSynchronize(DeviceIndex) const override {}
  Allocator* getCUDADeviceAllocator() const override { return &memory; }
};
REGISTER_CUDA_HOOKS(CUDAHooks);
}  // namespace at

namespace {

// ---- The same memory as seen from the other device.

bool isHere(const Tensor& tensor) { return tensor.defined() && tensor.is_cuda(); }

c10::Storage shared(const c10::Storage& storage, c10::Device device) {
  auto* owner = new c10::Storage(storage);
  c10::DataPtr data(
      const_cast<void*>(storage.data()), owner,
      [](void* kept) { delete static_cast<c10::Storage*>(kept); }, device);
  c10::Allocator* allocator = device.is_cpu() ? c10::GetCPUAllocator() : &memory;
  return c10::Storage(
      c10::Storage::use_byte_size_t{}, storage.nbytes(), std::move(data), allocator, true);
}

Tensor shaped(c10::Storage storage, const Tensor& as) {
  c10::DispatchKeySet keys =
      storage.device().is_cpu() ? c10::DispatchKeySet(c10::DispatchKey::CPU) : KEYS;
  Tensor made = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), keys, as.dtype());
  made.unsafeGetTensorImpl()->set_sizes_and_strides(as.sizes(), as.strides(), as.storage_offset());
  return made;
}

Tensor onProcessor(const Tensor& tensor) {
  return isHere(tensor) ? shaped(shared(tensor.storage(), c10::kCPU), tensor) : tensor;
}

Tensor onDevice(const Tensor& tensor) {
  return tensor.defined() && tensor.is_cpu() ? shaped(shared(tensor.storage(), DEVICE), tensor)
                                             : tensor;
}

// ---- Every operation: on the processor's view of the arguments, if all of them are here.

struct Seen {
  Tensor original;
  Tensor onProcessor;
};

Tensor arrived(const c10::OperatorHandle& operation, const Tensor& tensor, std::vector<Seen>& all) {
  if (!tensor.defined()) {
    return tensor;
  }
  if (!isHere(tensor)) {
    TORCH_CHECK(
        tensor.unsafeGetTensorImpl()->is_wrapped_number(), "substitute device: ",
        operation.schema().name(), " gets a tensor of cuda and one of ", tensor.device(),
        " with sizes ", tensor.sizes());
    return tensor;
  }
  all.push_back({tensor, onProcessor(tensor)});
  return all.back().onProcessor;
}

// An operation may have given its result, or what it changes in place, another size.
void followed(const Seen& seen) {
  const Tensor& changed = seen.onProcessor;
  c10::TensorImpl* original = seen.original.unsafeGetTensorImpl();
  if (changed.storage().data() != seen.original.storage().data()) {
    original->set_storage_keep_dtype(shared(changed.storage(), DEVICE));
  }
  if (changed.sizes() != seen.original.sizes() || changed.strides() != seen.original.strides() ||
      changed.storage_offset() != seen.original.storage_offset()) {
    original->set_sizes_and_strides(changed.sizes(), changed.strides(), changed.storage_offset());
  }
}

// A result that is an argument, or a view of one, stays so.
Tensor returned(const Tensor& result, const std::vector<Seen>& all, bool isArgument) {
  if (!result.defined()) {
    return result;
  }
  for (const Seen& seen : all) {
    if (isArgument && result.is_same(seen.onProcessor)) {
      return seen.original;
    }
  }
  for (const Seen& seen : all) {
    if (result.storage().unsafeGetStorageImpl() ==
        seen.onProcessor.storage().unsafeGetStorageImpl()) {
      return shaped(seen.original.storage(), result);
    }
  }
  return onDevice(result);
}

// How many operations the device has computed; told at the end where RETORT_SUBSTITUTE_COUNT is set.
std::atomic<long> computed{0};

void compute(const c10::OperatorHandle& operation, c10::DispatchKeySet, Stack* stack) {
  computed++;
  const size_t arguments = operation.schema().arguments().size();
  const size_t first = stack->size() - arguments;
  std::vector<Seen> all;
  for (size_t i = first; i < stack->size(); i++) {
    c10::IValue& value = (*stack)[i];
    if (value.isTensor()) {
      value = arrived(operation, value.toTensor(), all);
    } else if (value.isTensorList()) {
      std::vector<Tensor> tensors = value.toTensorVector();
      for (Tensor& tensor : tensors) {
        tensor = arrived(operation, tensor, all);
      }
      value = tensors;
    } else if (value.isOptionalTensorList()) {
      c10::List<std::optional<Tensor>> tensors;
      for (const std::optional<Tensor>& tensor : value.toOptionalTensorVector()) {
        tensors.push_back(
            tensor.has_value() ? std::make_optional(arrived(operation, *tensor, all)) : tensor);
      }
      value = tensors;
    } else if (value.isDevice() && value.toDevice().is_cuda()) {
      value = c10::Device(c10::kCPU);
    }
  }
  operation.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  for (const Seen& seen : all) {
    followed(seen);
  }
  const auto& returns = operation.schema().returns();
  for (size_t i = 0; i < returns.size(); i++) {
    c10::IValue& value = (*stack)[first + i];
    const auto* alias = returns[i].alias_info();
    bool isArgument = alias != nullptr && alias->isWrite();
    if (value.isTensor()) {
      value = returned(value.toTensor(), all, isArgument);
    } else if (value.isTensorList()) {
      std::vector<Tensor> tensors = value.toTensorVector();
      for (Tensor& tensor : tensors) {
        tensor = returned(tensor, all, isArgument);
      }
      value = tensors;
    }
  }
}

// ---- The few that make a tensor, and those that alone may cross between the devices.

Tensor empty(
    at::IntArrayRef size, std::optional<at::ScalarType> type, std::optional<at::Layout>,
    std::optional<c10::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(
      size, &memory, KEYS, type.value_or(at::kFloat), format);
}

Tensor emptyStrided(
    at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> type,
    std::optional<at::Layout>, std::optional<c10::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &memory, KEYS, type.value_or(at::kFloat));
}

Tensor& copy(Tensor& to, const Tensor& from, bool) {
  at::AutoDispatchBelowADInplaceOrView guard;
  onProcessor(to).copy_(onProcessor(from));
  return to;
}

at::Scalar item(const Tensor& tensor) {
  at::AutoDispatchBelowADInplaceOrView guard;
  return at::_local_scalar_dense(onProcessor(tensor));
}

TORCH_LIBRARY_IMPL(_, CUDA, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&compute>()); }

TORCH_LIBRARY_IMPL(aten, CUDA, m) {
  m.impl("empty.memory_format", &empty);
  m.impl("empty_strided", &emptyStrided);
  m.impl("copy_", &copy);
  m.impl("_local_scalar_dense", &item);
  // These would choose cuDNN's kernels, or CUDA's own, by the device.
  m.impl("convolution", torch::CppFunction::makeFromBoxedFunction<&compute>());
  m.impl("convolution_backward", torch::CppFunction::makeFromBoxedFunction<&compute>());
}

}  // namespace

// The virtual machine loads it as an agent, before anything asks LibTorch for its devices.
extern "C" int Agent_OnLoad(void*, char*, void*) {
  Tensor tensor = at::empty({2, 3});
  bool known = c10::parseDispatchKey("CUDA") == c10::DispatchKey::CUDA && tensor.dim() == 2 &&
               tensor.size(1) == 3 && tensor.is_cpu() && tensor.storage().nbytes() == 24 &&
               tensor.storage().allocator() == c10::GetCPUAllocator();
  if (!known) {
    std::fputs("substitute device: it was built with the headers of another LibTorch\n", stderr);
  }
  if (known && std::getenv("RETORT_SUBSTITUTE_COUNT") != nullptr) {
    std::atexit([] {
      std::fprintf(stderr, "substitute device: %ld operations\n", computed.load());
    });
  }
  return known ? 0 : 1;
}
