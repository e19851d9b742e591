"""Writes resources/dev/retort/weights/golden/all-types.safetensors with nothing but the published format.

The tensors are deliberately in another order than a writer of the reference layout would choose, and the header is
padded to no particular alignment: a reader must accept both.
"""

import json
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent.parent / "resources/dev/retort/weights/golden"


def bfloat16(value):
    """The upper half of the float32 pattern; the values below need no rounding."""
    return struct.pack("<f", value)[2:]


TENSORS = [
    ("truth", "BOOL", [3], b"\x01\x00\x01"),
    ("ünïcode.weight", "F32", [2, 3], struct.pack("<6f", 0.0, -1.5, 3.25, 1e-40, float("inf"), 6.0)),
    ("half", "F16", [2], struct.pack("<2e", 0.333251953125, -65504.0)),
    ("brain", "BF16", [2], bfloat16(1.0078125) + bfloat16(-3.0)),
    ("double", "F64", [1, 2], struct.pack("<2d", 3.141592653589793, -2.5e-300)),
    ("i64", "I64", [2], struct.pack("<2q", -(2**63), 2**63 - 1)),
    ("i32", "I32", [2], struct.pack("<2i", -(2**31), 2**31 - 1)),
    ("i16", "I16", [2], struct.pack("<2h", -32768, 32767)),
    ("i8", "I8", [2], struct.pack("<2b", -128, 127)),
    ("u8", "U8", [2], struct.pack("<2B", 0, 255)),
    ("scalar", "F32", [], struct.pack("<f", 7.0)),
    ("empty", "F32", [0, 4], b""),
]


def main():
    header = {"__metadata__": {"format": "pt", "note": "zażółć"}}
    data = b""
    for name, dtype, shape, raw in TENSORS:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, ensure_ascii=False).encode() + b" "
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "all-types.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    main()
