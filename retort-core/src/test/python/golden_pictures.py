"""Writes small pictures in every form that ImageFile reads, and what Pillow makes of them, to
resources/dev/retort/data/pictures: NAME.EXTENSION, and golden.json with each one's pixels (upright, grey or RGB, base64)
and one picture scaled and cut to other sizes."""

import base64
import json
import pathlib
import struct
import zlib

import numpy
from PIL import Image, ImageOps

FOLDER = pathlib.Path(__file__).parent.parent / "resources/dev/retort/data/pictures"
WIDTH, HEIGHT = 24, 16


def picture(width, height):
    """Smooth, so that JPEG hardly changes it, and different in each corner."""
    y, x = numpy.mgrid[0:height, 0:width]
    red = 255 * x / (width - 1)
    green = 255 * y / (height - 1)
    blue = 127 + 100 * numpy.sin(x / width * 3) * numpy.cos(y / height * 2)
    return Image.fromarray(numpy.stack([red, green, blue], 2).round().astype(numpy.uint8))


def waves(width, height):
    """Grey, so that how a decoder spreads colours over pixels does not matter."""
    y, x = numpy.mgrid[0:height, 0:width]
    grey = 128 + 90 * numpy.sin(x / 23) * numpy.cos(y / 17)
    return Image.fromarray(grey.round().astype(numpy.uint8)).convert("RGB")


def record(image):
    return {
        "width": image.width,
        "height": image.height,
        "channels": len(image.getbands()),
        "pixels": base64.b64encode(image.tobytes()).decode(),
    }


def covering(image, width, height):
    """Resize of the shorter side with antialiasing, then CenterCrop, as torchvision does both."""
    scale = max(width / image.width, height / image.height)
    wide = max(width, int(image.width * scale + 1e-9))
    high = max(height, int(image.height * scale + 1e-9))
    scaled = image.resize((wide, high), Image.Resampling.BILINEAR)
    top, left = round((high - height) / 2), round((wide - width) / 2)
    return scaled.crop((left, top, left + width, top + height))


def png16(values):
    """An RGB picture of 16 bits a channel, which Pillow cannot write."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def tiffs(original):
    """What Pillow makes of each TIFF; the last three are for refusal."""
    forms = {
        "rgb.tif": (original, {"compression": "tiff_lzw"}),
        "jpeg.tif": (original, {"compression": "jpeg"}),
        "palette.tif": (original.quantize(32), {}),
        "grey.tiff": (original.convert("L"), {"compression": "tiff_adobe_deflate"}),
        "bilevel.tif": (original.convert("1"), {"compression": "group4"}),
        "transparent.tif": (Image.merge("RGBA", (*original.split(), original.split()[0])), {}),
        "turned5.tif": (original, {"tiffinfo": {0x0112: 5}}),
        "turned6.tif": (original, {"tiffinfo": {0x0112: 6}}),
        "turned7.tif": (original, {"tiffinfo": {0x0112: 7}}),
    }
    golden = {}
    for name, (image, options) in forms.items():
        image.save(FOLDER / name, **options)
        opened = ImageOps.exif_transpose(Image.open(FOLDER / name))
        golden[name] = record(opened if opened.mode == "L" else opened.convert("RGB"))
    original.convert("CMYK").save(FOLDER / "cmyk.tif")
    Image.fromarray(numpy.asarray(original.convert("L"), numpy.float32)).save(FOLDER / "float.tif")
    Image.fromarray(numpy.asarray(original.convert("L"), numpy.int32)).save(FOLDER / "integers.tif")
    return golden


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    golden = {}
    original = picture(WIDTH, HEIGHT)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        name = f"orientation{orientation}.jpg"
        original.save(FOLDER / name, quality=98, subsampling=0, exif=exif)
        golden[name] = record(ImageOps.exif_transpose(Image.open(FOLDER / name)).convert("RGB"))
    forms = {
        "rgb.png": original,
        "rgb.bmp": original,
        "palette.gif": original.quantize(32),
        "transparent.png": Image.merge("RGBA", (*original.split(), original.split()[0])),
        "grey.png": original.convert("L"),
        "grey.jpg": original.convert("L"),
        "cmyk.jpg": original.convert("CMYK"),
    }
    for name, image in forms.items():
        image.save(FOLDER / name, **({"quality": 98} if name.endswith("jpg") else {}))
        opened = Image.open(FOLDER / name)
        golden[name] = record(opened if opened.mode == "L" else opened.convert("RGB"))
    deep = numpy.arange(WIDTH * HEIGHT, dtype=numpy.uint16).reshape(HEIGHT, WIDTH) * 170
    Image.fromarray(deep).save(FOLDER / "grey16.png")
    golden["grey16.png"] = record(Image.fromarray((deep >> 8).astype(numpy.uint8)))
    original.save(FOLDER / "rgb.webp", lossless=True)
    golden["rgb.webp"] = record(Image.open(FOLDER / "rgb.webp").convert("RGB"))
    original.save(FOLDER / "lossy.webp", quality=95)
    golden["lossy.webp"] = record(Image.open(FOLDER / "lossy.webp").convert("RGB"))
    waves(96, 80).save(FOLDER / "waves.webp", quality=30)
    golden["waves.webp"] = record(Image.open(FOLDER / "waves.webp").convert("RGB"))
    exif = Image.Exif()
    for name, orientation in (("turned.webp", 6), ("turned.png", 5)):
        exif[0x0112] = orientation
        original.save(FOLDER / name, lossless=True, exif=exif)
        golden[name] = record(ImageOps.exif_transpose(Image.open(FOLDER / name)).convert("RGB"))
    colours = numpy.stack([deep, deep[::-1], deep[:, ::-1]], 2)
    (FOLDER / "rgb16.png").write_bytes(png16(colours))
    golden["rgb16.png"] = record(Image.fromarray((colours >> 8).astype(numpy.uint8)))
    large = picture(61, 37)
    large.save(FOLDER / "large.png")
    for width, height in ((32, 32), (20, 33), (100, 70)):
        golden[f"large to {width}x{height}"] = record(covering(large, width, height))
    # Resize of the shorter side to 40, then CenterCrop to 32: 0.8 of it.
    scaled = large.resize((int(61 * 40 / 37 + 1e-9), 40), Image.Resampling.BILINEAR)
    left = round((scaled.width - 32) / 2)
    golden["large to 32 of 40"] = record(scaled.crop((left, 4, left + 32, 36)))
    part = large.crop((7, 3, 7 + 31, 3 + 22))
    golden["part of large"] = record(part.resize((16, 16), Image.Resampling.BILINEAR))
    golden["large to grey"] = record(large.convert("L"))
    golden.update(tiffs(original))
    (FOLDER / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
