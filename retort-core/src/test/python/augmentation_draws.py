"""Works out, apart from the Java code, how images are varied: the numbers in ViewRendererTest. Standard library only.

An address is mixed by SplitMix64's finaliser; 63 bits of it are spent, high part first, on the row shift, the column
shift, the coin, and the row and column of the cutout's centre.
"""

MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def purpose(seed, name):
    key = mix(seed ^ 0x5265746F72744B44)
    for byte in name.encode("ascii"):
        key = mix(key ^ byte)
    return key


def at(key, coordinate):
    return mix((key + 0x9E3779B97F4A7C15 * (2 * coordinate + 1)) & MASK)


source = purpose(7, "augmentation")
flips = purpose(source, "alternating flip")
for sample in range(6):
    bits = at(at(source, 3), sample) >> 1
    drawn = []
    for n in (9, 9, 2, 32, 32):
        drawn.append(bits * n >> 63)
        bits = bits * n & (MASK >> 1)
    down, right, coin, row, column = drawn
    print(f"{sample}: down {down - 4}, right {right - 4}, coin {coin}, centre {row} {column}, half {at(flips, sample) & 1}")
