#!/usr/bin/env python3
"""Golden numbers of RandomSource, by Python's own Mersenne Twister and two definitions.

The twister's words are those of Java's SplittableRandom (Steele, Lea and Flood 2014), split once, from which Python's
twister goes on. LibTorch makes a uniform float of the lower 24 bits of a word, a uniform double of the lower 53 bits of
two words, and 16 normal numbers of 16 uniform ones by Box and Muller's transform. Prints what RandomSourceTest has.
"""
import math
import random

MASK = (1 << 64) - 1
GOLDEN_GAMMA = 0x9E3779B97F4A7C15


def mix64(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def mix_gamma(z):
    z = (z ^ (z >> 33)) * 0xFF51AFD7ED558CCD & MASK
    z = (z ^ (z >> 33)) * 0xC4CEB9FE1A85EC53 & MASK
    z = (z ^ (z >> 33)) | 1
    return z ^ 0xAAAAAAAAAAAAAAAA if bin(z ^ (z >> 1)).count("1") < 24 else z


def twister(key):
    seed = mix64(key + GOLDEN_GAMMA & MASK)
    gamma = mix_gamma(key + 2 * GOLDEN_GAMMA & MASK)
    words = []
    for _ in range(312):
        seed = seed + gamma & MASK
        two = mix64(seed)
        words += [two >> 32, two & 0xFFFFFFFF]
    generator = random.Random()
    generator.setstate((3, (*words, 624), None))
    return generator


def floats(key, count):
    generator = twister(key)
    return [(generator.getrandbits(32) & 0xFFFFFF) / 2**24 for _ in range(count)]


def doubles(key, count):
    generator = twister(key)
    pairs = [(generator.getrandbits(32), generator.getrandbits(32)) for _ in range(count)]
    return [((high << 32 | low) & (1 << 53) - 1) / 2**53 for high, low in pairs]


def normals(key):
    uniform = doubles(key, 16)
    radius = [math.sqrt(-2 * math.log(1 - u)) for u in uniform[:8]]
    angle = [2 * math.pi * u for u in uniform[8:]]
    return [r * math.cos(a) for r, a in zip(radius, angle)] + [r * math.sin(a) for r, a in zip(radius, angle)]


for key in (5, 5 + (1 << 32), 0xFEDCBA9876543210):
    print(f"key {key:#x}")
    print("  uniform floats ", floats(key, 4), "and the 700th", floats(key, 700)[-1])
    print("  uniform doubles", doubles(key, 3))
    print("  normal doubles ", normals(key))
