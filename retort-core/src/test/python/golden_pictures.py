"""Writes small pictures in every form that ImageFile reads, and what Pillow makes of them, to
resources/dev/retort/data/pictures: NAME.EXTENSION, and golden.json with each one's pixels (upright, grey or RGB, base64)
and one picture scaled and cut to other sizes."""

import base64
import json
import pathlib

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
    large = picture(61, 37)
    large.save(FOLDER / "large.png")
    for width, height in ((32, 32), (20, 33), (100, 70)):
        golden[f"large to {width}x{height}"] = record(covering(large, width, height))
    golden["large to grey"] = record(large.convert("L"))
    (FOLDER / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
