"""Sets LibTorch's headers of version 2.13 back to the layout of 2.10, for machines that have no others.

    python3 headers.py INCLUDE OUT        # INCLUDE: torch/include of a wheel of 2.13; OUT: a new folder

TORCH_INCLUDE="OUT INCLUDE" is then for run. Found by comparing with LibTorch 2.10 itself: the order of its virtual
functions, the names of its dispatch keys by number, and the fields of a tensor that it made.
"""
import pathlib
import re
import sys

STREAM_METHODS = ('getStreamNativeHandle', 'isStreamCapturing')


def without(text, methods):
    """The text of a class without some of its virtual functions."""
    for name in methods:
        text = re.sub(r'\n  (?:virtual )?[a-z]+\*? %s\(.*?\n  \}\n' % name, '\n', text, flags=re.DOTALL)
    return text


def tensor(text):
    """A tensor is eight bytes larger than the header asserts."""
    return text.replace('Actual == Expected,', 'true,').replace('Actual <= Expected,', 'true,')


def storage(text):
    """A storage has no function that makes its memory late."""
    text = text.replace('  MaterializeFn materialize_fn_', '  static constexpr MaterializeFn materialize_fn_')
    for use in ('materialize_fn_ = fn;', '\n    materialize_fn_ = nullptr;', 'materialize_fn_(this);'):
        text = text.replace(use, '')
    return text


CHANGES = {
    'c10/core/DispatchKey.h': lambda text: re.sub(r'(\n  Functionalize,[^\n]*\n)', r'\1  Named,\n', text),
    'c10/core/StorageImpl.h': storage,
    'c10/core/TensorImpl.h': tensor,
    'c10/core/impl/DeviceGuardImplInterface.h': lambda text: without(text, STREAM_METHODS),
    'c10/core/impl/PyObjectSlot.h': lambda text: text.replace(
        '  std::atomic<PyObject*> pyobj_;',
        '  std::atomic<void*> interpreter_{nullptr};\n  std::atomic<PyObject*> pyobj_;'),
    'c10/core/impl/VirtualGuardImpl.h': lambda text: without(text, STREAM_METHODS),
}


def main():
    include, out = map(pathlib.Path, sys.argv[1:])
    for name, change in CHANGES.items():
        text = (include / name).read_text()
        changed = change(text)
        if changed == text:
            sys.exit(f'{include / name} is not of version 2.13')
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(changed)


if __name__ == '__main__':
    main()
