"""Writes resources/dev/retort/weights/golden/*.pth with torch.save: what StateFile must read, and what it must refuse."""

import argparse
import collections
import pathlib
import pickle
import types

import torch

FOLDER = pathlib.Path(__file__).parent.parent / "resources/dev/retort/weights/golden"


def state():
    whole = torch.arange(12, dtype=torch.float32)
    return collections.OrderedDict(
        [
            ("module.matrix", torch.tensor([[1.5, -2.0, 3.0], [4.0, 5.0, -6.25]])),
            ("module.transposed", torch.arange(6, dtype=torch.float64).reshape(2, 3).t()),
            ("module.middle", whole[4:8].reshape(2, 2)),
            ("module.end", whole[10:]),
            ("module.parameter", torch.nn.Parameter(torch.tensor([0.5, 0.25]))),
            ("module.half", torch.tensor([1.5, -65504.0], dtype=torch.float16)),
            ("module.brain", torch.tensor([1.0078125, -3.0], dtype=torch.bfloat16)),
            ("module.count", torch.tensor(9)),
            ("module.bytes", torch.tensor([0, 255], dtype=torch.uint8)),
            ("module.truth", torch.tensor([True, False])),
            ("module.empty", torch.zeros(0, 4)),
        ]
    )


def checkpoint():
    network = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    network(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "best_acc": torch.tensor(0.75),
        "history": [(0.1, None, True), {"a": -1}],
        "optimizer": optimizer.state_dict(),
        "model": state(),
    }


class Hostile:
    """Would print if it were executed."""

    def __reduce__(self):
        return print, ("executed",)


class OldPickler(pickle._Pickler):
    """As Python 2 with PyTorch 0.1.10 to 0.3 wrote: bytes for texts, lists of pairs for ordered dictionaries, and tensors
    of _rebuild_tensor, without the arguments that came later."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_text(self, text):
        encoded = text.encode("ascii")
        if len(encoded) < 256:
            self.write(pickle.SHORT_BINSTRING + bytes([len(encoded)]) + encoded)
        else:
            self.write(pickle.BINSTRING + len(encoded).to_bytes(4, "little") + encoded)
        self.memoize(text)

    dispatch[str] = save_text

    def reducer_override(self, value):
        if isinstance(value, torch.Tensor):
            shape = tuple(value.size())
            arguments = value._typed_storage(), value.storage_offset(), shape, value.stride()
            return torch._utils._rebuild_tensor, arguments
        if isinstance(value, collections.OrderedDict):
            return collections.OrderedDict, ([list(pair) for pair in value.items()],)
        return NotImplemented


def old_state():
    whole = torch.arange(12, dtype=torch.float32)
    return collections.OrderedDict(
        [
            ("module.matrix", torch.tensor([[1.5, -2.0, 3.0], [4.0, 5.0, -6.25]])),
            ("module.transposed", torch.arange(6, dtype=torch.float64).reshape(2, 3).t()),
            ("module.middle", whole[4:8].reshape(2, 2)),
            ("module.half", torch.tensor([1.5, -65504.0], dtype=torch.float16)),
            ("module.bytes", torch.tensor([0, 255], dtype=torch.uint8)),
            ("module." + "x" * 300, torch.tensor([7])),
        ]
    )


def save_old(value, file):
    as_then = types.SimpleNamespace(__name__="old", Pickler=OldPickler, dump=pickle.dump)
    torch.save(value, file, pickle_module=as_then, _use_new_zipfile_serialization=False)


def main():
    torch.manual_seed(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.save(state(), FOLDER / "state.pth")
    torch.save(state(), FOLDER / "protocol4.pth", pickle_protocol=4)
    torch.save(checkpoint(), FOLDER / "checkpoint.pth")
    torch.save(checkpoint(), FOLDER / "legacy.pth", _use_new_zipfile_serialization=False)
    save_old({"best_prec1": 91.25, "state_dict": old_state()}, FOLDER / "old.pth")
    torch.serialization.set_crc32_options(False)
    torch.save(checkpoint(), FOLDER / "no-checksums.pth")
    torch.serialization.set_crc32_options(True)
    torch.save({"state_dict": torch.nn.BatchNorm2d(2).state_dict()}, FOLDER / "nested.pth")
    torch.save({"model": state(), "x": Hostile()}, FOLDER / "hostile.pth")
    torch.save({"model": state(), "x": Hostile()}, FOLDER / "hostile-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 1), FOLDER / "whole-model.pth")
    torch.save({"model": state(), "args": argparse.Namespace(lr=1)}, FOLDER / "namespace.pth")
    torch.save({"epoch": 3, "weights": [torch.ones(1)]}, FOLDER / "no-state.pth")
    torch.jit.script(torch.nn.Linear(2, 1)).save(FOLDER / "torchscript.pt")


if __name__ == "__main__":
    main()
