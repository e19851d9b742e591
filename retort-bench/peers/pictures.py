"""Times Pillow's decoding and scaling: pictures.py SIZE TIMES FILE…; prints the milliseconds of processor time a picture."""
import sys
import time

from PIL import Image


def main():
    size, times, files = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    read(files[0], size)
    began = time.process_time()
    for _ in range(times):
        for file in files:
            read(file, size)
    print(1000 * (time.process_time() - began) / (times * len(files)))


def read(file, size):
    """Resize of the shorter side, bilinear with antialiasing, then CenterCrop, as torchvision does both."""
    image = Image.open(file).convert("RGB")
    scale = size / min(image.size)
    wide, high = (int(length * scale + 1e-9) for length in image.size)
    left, top = round((wide - size) / 2), round((high - size) / 2)
    return image.resize((wide, high), Image.Resampling.BILINEAR).crop((left, top, left + size, top + size)).tobytes()


main()
