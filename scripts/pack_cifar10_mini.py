#!/usr/bin/env python3
"""Packs the images of cifar10-mini, without loss, into one resource.

    python3 scripts/pack_cifar10_mini.py DIR

DIR holds the official binary files. The images are those that scripts/choose_cifar10_splits.py listed: train, validation,
test, each in the list's order. Needs Python's standard library only; takes some seconds.

The resource is one zlib stream of
  the labels, one byte an image;
  three planes, one after the other, each of all images: green, red − green, blue − green.
Each value of a plane is written as the difference, modulo 256, from its prediction, row by row. The prediction is the
median edge detector of LOCO-I (Weinberger, Seroussi and Sapiro 2000): with a to the left, b above and c above left,
min(a, b) if c ≥ max(a, b), max(a, b) if c ≤ min(a, b), else a + b − c. In an image's first row it is a, in its first
column b, at its first pixel 0. The two differences of colours lie in −255 … 255 and are predicted as such.

Only Huffman coding is asked of zlib: repeated strings do not occur in such residuals, and looking for them costs 6 %.
"""

import hashlib
import pathlib
import sys
import zlib

RECORD = 3073
SIDE = 32
PLANE = SIDE * SIDE
RESOURCES = pathlib.Path(__file__).parent.parent / "retort-cifar10/src/main/resources/dev/retort/cifar10"


def indices(part):
    lines = (RESOURCES / f"cifar10-mini-{part}.txt").read_text("ascii").splitlines()
    return [int(index) for line in lines if not line.startswith("#") for index in line.split()]


def records(folder):
    batches = [f"data_batch_{batch}.bin" for batch in range(1, 6)]
    train = b"".join((folder / batch).read_bytes() for batch in batches)
    test = (folder / "test_batch.bin").read_bytes()
    for part, source in (("train", train), ("validation", train), ("test", test)):
        for index in indices(part):
            yield source[index * RECORD : (index + 1) * RECORD]


def residuals(plane, out):
    """Appends one image's plane as differences from its predictions."""
    out.append(plane[0] & 255)
    for i in range(1, SIDE):
        out.append((plane[i] - plane[i - 1]) & 255)
    for row in range(SIDE, PLANE, SIDE):
        out.append((plane[row] - plane[row - SIDE]) & 255)
        for i in range(row + 1, row + SIDE):
            a = plane[i - 1]
            b = plane[i - SIDE]
            c = plane[i - SIDE - 1]
            if a > b:
                a, b = b, a
            out.append((plane[i] - (a if c >= b else b if c <= a else a + b - c)) & 255)


def main():
    labels = bytearray()
    planes = [bytearray(), bytearray(), bytearray()]
    pixels = hashlib.sha256()
    for record in records(pathlib.Path(sys.argv[1])):
        labels.append(record[0])
        red, green, blue = (record[1 + c * PLANE : 1 + (c + 1) * PLANE] for c in range(3))
        residuals(green, planes[0])
        residuals([r - g for r, g in zip(red, green)], planes[1])
        residuals([b - g for b, g in zip(blue, green)], planes[2])
        interleaved = bytearray(3 * PLANE)
        interleaved[0::3], interleaved[1::3], interleaved[2::3] = red, green, blue
        pixels.update(interleaved)

    pack = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
    packed = pack.compress(bytes(labels) + b"".join(planes)) + pack.flush()
    (RESOURCES / "cifar10-mini.bin").write_bytes(packed)
    print(f"{len(labels)} images in {len(packed)} bytes")
    print(f"SHA-256 of the labels {hashlib.sha256(labels).hexdigest()}")
    print(f"SHA-256 of the pixels, interleaved {pixels.hexdigest()}")


if __name__ == "__main__":
    main()
