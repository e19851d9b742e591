"""Makes the golden files of the losses on feature maps and embeddings from their formulas, in float64.

    python3 golden_feature_losses.py

Layers are spelled out position by position and image by image on purpose, so that they share nothing with the library:
the only operations of torch used here are arithmetic, sums and indexing, differentiated by autograd.
"""

import torch

from golden import case, random_inputs, write


def pooled(maps, height, width):
    """Adaptive average pooling: cell (i, j) averages rows floor(iH/h) up to ceil((i+1)H/h), columns likewise."""
    rows, columns = maps.shape[2:]

    def window(index, size, cells):
        return slice(index * size // cells, -((-(index + 1) * size) // cells))

    cells = [
        maps[:, :, window(i, rows, height), window(j, columns, width)].mean(dim=(2, 3))
        for i in range(height)
        for j in range(width)
    ]
    return torch.stack(cells, dim=2).reshape(*maps.shape[:2], height, width)


def nearest(maps, height, width):
    """Nearest-neighbour resizing: cell i of h takes row floor(iH/h)."""
    rows = [i * maps.shape[2] // height for i in range(height)]
    columns = [j * maps.shape[3] // width for j in range(width)]
    return maps[:, :, rows][:, :, :, columns]


def at_common_size(student, teacher):
    height = min(student.shape[2], teacher.shape[2])
    width = min(student.shape[3], teacher.shape[3])
    return pooled(student, height, width), pooled(teacher, height, width)


def convolution(maps, weight, bias=None):
    """Stride 1, zeros around, so that the size stays: a sum over the kernel's positions of shifted maps."""
    kernel = weight.shape[2]
    margin = kernel // 2
    count, channels, rows, columns = maps.shape
    wide = torch.zeros(count, channels, rows + 2 * margin, columns + 2 * margin, dtype=maps.dtype)
    wide[:, :, margin : margin + rows, margin : margin + columns] = maps
    result = torch.zeros(count, weight.shape[0], rows, columns, dtype=maps.dtype)
    for i in range(kernel):
        for j in range(kernel):
            shifted = wide[:, :, i : i + rows, j : j + columns]
            result = result + (
                weight[:, :, i, j][None, :, :, None, None] * shifted[:, None]
            ).sum(dim=2)
    return result if bias is None else result + bias[None, :, None, None]


def batch_normalized(maps, scale, shift, epsilon=1e-5):
    channels = []
    for c in range(maps.shape[1]):
        values = maps[:, c]
        mean = values.mean()
        variance = ((values - mean) ** 2).mean()
        channels.append((values - mean) / torch.sqrt(variance + epsilon) * scale[c] + shift[c])
    return torch.stack(channels, dim=1)


def rectified(values):
    return torch.where(values > 0, values, torch.zeros_like(values))


def mean_square(a, b):
    return ((a - b) ** 2).sum() / a.numel()


# FitNet


def fitnet(student, teacher, convolution_weight, bias, scale, shift):
    student, teacher = at_common_size(student, teacher)
    linear = convolution(student, convolution_weight, bias)
    return mean_square(rectified(batch_normalized(linear, scale, shift)), teacher)


def fitnet_inputs(seed, student_shape, teacher_shape):
    student_channels, teacher_channels = student_shape[1], teacher_shape[1]
    return {
        "student": random_inputs(seed, 1.0, *student_shape),
        "teacher": random_inputs(seed + 1, 1.0, *teacher_shape),
        "convolution_weight": random_inputs(seed + 2, 0.5, teacher_channels, student_channels, 1, 1),
        "bias": random_inputs(seed + 3, 0.5, teacher_channels),
        "scale": random_inputs(seed + 4, 0.3, teacher_channels) + 1,
        "shift": random_inputs(seed + 5, 0.3, teacher_channels),
    }


def write_fitnet():
    learned = ("student", "convolution_weight", "bias", "scale", "shift")
    cases = [
        ("equal sizes", (3, 2, 4, 4), (3, 3, 4, 4)),
        ("a larger student's map", (2, 3, 6, 6), (2, 2, 4, 4)),
        ("a larger teacher's map", (2, 3, 3, 3), (2, 2, 7, 7)),
    ]
    write(
        "fitnet",
        [
            case(name, fitnet, fitnet_inputs(100 + 10 * i, s, t), learned)
            for i, (name, s, t) in enumerate(cases)
        ],
    )


# Attention transfer


def attention(maps):
    rows = []
    for image in maps:
        energy = (image**2).mean(dim=0).flatten()
        rows.append(energy / torch.sqrt((energy**2).sum()))
    return torch.stack(rows)


def attention_transfer(student, teacher):
    student, teacher = at_common_size(student, teacher)
    return mean_square(attention(student), attention(teacher))


def write_attention_transfer():
    same = random_inputs(203, 1.0, 2, 3, 4, 4)
    write(
        "attention-transfer",
        [
            case(
                name,
                attention_transfer,
                {"student": random_inputs(seed, 1.0, *s), "teacher": random_inputs(seed + 1, 2.0, *t)},
            )
            for name, seed, s, t in [
                ("equal sizes", 210, (3, 2, 4, 4), (3, 5, 4, 4)),
                ("a larger student's map", 220, (2, 3, 8, 8), (2, 2, 3, 3)),
                ("a larger teacher's map", 230, (2, 3, 4, 4), (2, 2, 7, 7)),
            ]
        ]
        + [case("equal networks", attention_transfer, {"student": same, "teacher": same})],
    )


# Variational information distillation


def vid(student, teacher, first, second, third, log_scale, epsilon):
    student, teacher = at_common_size(student, teacher)
    hidden = rectified(convolution(student, first))
    hidden = rectified(convolution(hidden, second))
    mean = convolution(hidden, third)
    total = 0.0
    for c in range(teacher.shape[1]):
        variance = torch.log(1 + torch.exp(log_scale[c])) + epsilon
        total = total + (
            (teacher[:, c] - mean[:, c]) ** 2 / (2 * variance) + torch.log(variance) / 2
        ).sum()
    return total / teacher.numel()


def vid_inputs(seed, student_shape, teacher_shape):
    s, t = student_shape[1], teacher_shape[1]
    return {
        "student": random_inputs(seed, 1.0, *student_shape),
        "teacher": random_inputs(seed + 1, 1.0, *teacher_shape),
        "first": random_inputs(seed + 2, 1.0, t, s, 1, 1),
        "second": random_inputs(seed + 3, 1.0, t, t, 1, 1),
        "third": random_inputs(seed + 4, 1.0, t, t, 1, 1),
        "log_scale": random_inputs(seed + 5, 2.0, t),
    }


def write_vid():
    learned = ("student", "first", "second", "third", "log_scale")
    cases = [
        ("equal sizes", (3, 2, 4, 4), (3, 3, 4, 4)),
        ("a larger student's map", (2, 3, 5, 5), (2, 2, 3, 3)),
        ("a larger teacher's map", (2, 3, 4, 4), (2, 2, 8, 8)),
    ]
    write(
        "vid",
        [
            case(name, vid, vid_inputs(300 + 10 * i, s, t), learned, epsilon=1e-5)
            for i, (name, s, t) in enumerate(cases)
        ],
    )


# KD++


def norm_and_direction(student, teacher, class_means, labels):
    total, count = 0.0, 0
    for s, t, label in zip(student, teacher, labels.tolist()):
        if label < 0:
            continue
        center = class_means[label]
        direction = center / torch.sqrt((center**2).sum())
        student_norm = torch.sqrt((s**2).sum())
        teacher_norm = torch.sqrt((t**2).sum())
        longest = student_norm if student_norm >= teacher_norm else teacher_norm
        total = total + 1 - (s * direction).sum() / longest
        count += 1
    return total / count


def embedding_connector(student, scale, shift, mask, weight, bias):
    normalized = batch_normalized(student[:, :, None, None], scale, shift)[:, :, 0, 0]
    return (weight[None] * (normalized * mask)[:, None]).sum(dim=2) + bias


def connected_norm_and_direction(
    student, teacher, class_means, labels, scale, shift, mask, weight, bias
):
    connected = embedding_connector(student, scale, shift, mask, weight, bias)
    return norm_and_direction(connected, teacher, class_means, labels)


def write_kd_plus_plus():
    def inputs(seed, student_scale, labels):
        return {
            "student": random_inputs(seed, student_scale, len(labels), 4),
            "teacher": random_inputs(seed + 1, 1.0, len(labels), 4),
            "class_means": random_inputs(seed + 2, 1.0, 3, 4),
            "labels": torch.tensor(labels),
        }

    plain = [
        case(name, norm_and_direction, inputs(seed, scale, labels))
        for name, seed, scale, labels in [
            ("students shorter than teachers", 400, 0.1, [0, 2, 1, 1, 0]),
            ("students longer than teachers", 410, 10.0, [2, 2, 1, 0, 0]),
            ("both", 420, 1.0, [0, 1, 2, 0, 1, 2]),
            ("images without a label do not count", 430, 1.0, [0, -1, 2, -1]),
        ]
    ]
    write("kd-plus-plus", plain)
    connected = inputs(440, 1.0, [0, 1, 2, 2, 1])
    connected["student"] = random_inputs(445, 1.0, 5, 3)
    connected["mask"] = torch.tensor(
        [[0, 2, 2], [2, 0, 0], [2, 2, 0], [0, 0, 2], [2, 2, 2]], dtype=torch.float64
    )
    connected["scale"] = random_inputs(446, 0.3, 3) + 1
    connected["shift"] = random_inputs(447, 0.3, 3)
    connected["weight"] = random_inputs(448, 1.0, 4, 3)
    connected["bias"] = random_inputs(449, 0.5, 4)
    write(
        "kd-plus-plus-connector",
        [
            case(
                "a narrower student",
                connected_norm_and_direction,
                connected,
                ("student", "scale", "shift", "weight", "bias"),
            )
        ],
    )


# Contrastive representation distillation


def unit(vectors):
    return torch.stack([v / torch.sqrt((v**2).sum()) for v in vectors])


def embedded(features, weight, bias):
    return unit([(weight * f[None]).sum(dim=1) + bias for f in features])


def contrast(anchors, memory, indices, temperature, normalizer):
    """-(1/N) sum over images of log D(positive) + sum over negatives of log(1 - D), D = p / (p + K/n + 1e-7)."""
    images = memory.shape[0]
    negatives = indices.shape[1] - 1
    noise = negatives / images
    total = 0.0
    for anchor, row in zip(anchors, indices.tolist()):
        for column, index in enumerate(row):
            p = torch.exp((anchor * memory[index]).sum() / temperature) / normalizer
            share = p if column == 0 else noise
            total = total + torch.log(share / (p + noise + 1e-7))
    return -total / len(anchors)


def crd(
    student,
    teacher,
    student_weight,
    student_bias,
    teacher_weight,
    teacher_bias,
    student_memory,
    teacher_memory,
    indices,
    temperature,
    student_normalizer,
    teacher_normalizer,
):
    s = embedded(student, student_weight, student_bias)
    t = embedded(teacher, teacher_weight, teacher_bias)
    return contrast(s, teacher_memory, indices, temperature, student_normalizer) + contrast(
        t, student_memory, indices, temperature, teacher_normalizer
    )


def write_crd():
    images, batch, negatives, width = 9, 4, 5, 6
    rows = [[3, 1, 0, 8, 2, 5], [0, 1, 2, 3, 4, 5], [8, 7, 6, 5, 4, 3], [5, 0, 0, 2, 7, 7]]
    assert len(rows) == batch and all(len(row) == negatives + 1 for row in rows)
    inputs = {
        "student": random_inputs(500, 1.0, batch, 3),
        "teacher": random_inputs(501, 1.0, batch, 5),
        "student_weight": random_inputs(502, 1.0, width, 3),
        "student_bias": random_inputs(503, 0.3, width),
        "teacher_weight": random_inputs(504, 1.0, width, 5),
        "teacher_bias": random_inputs(505, 0.3, width),
        "student_memory": unit(random_inputs(506, 1.0, images, width)),
        "teacher_memory": unit(random_inputs(507, 1.0, images, width)),
        "indices": torch.tensor(rows),
    }
    learned = ("student", "student_weight", "student_bias", "teacher_weight", "teacher_bias")
    write(
        "crd",
        [
            case(
                f"T = {temperature}",
                crd,
                inputs,
                learned,
                temperature=temperature,
                student_normalizer=z_s,
                teacher_normalizer=z_t,
            )
            for temperature, z_s, z_t in [(0.07, 900.0, 400.0), (0.5, 11.0, 14.0)]
        ],
    )


# ReviewKD


def hierarchical_context(student, teacher):
    total, weights, weight = mean_square(student, teacher), 1.0, 1.0
    for level in (4, 2, 1):
        if level < student.shape[2]:
            weight = weight / 2
            total = total + weight * mean_square(
                pooled(student, level, level), pooled(teacher, level, level)
            )
            weights += weight
    return total / weights


def write_hierarchical_context():
    write(
        "review-kd-context",
        [
            case(
                f"maps of size {size}",
                hierarchical_context,
                {
                    "student": random_inputs(600 + size, 1.0, 2, 2, size, size),
                    "teacher": random_inputs(650 + size, 1.0, 2, 2, size, size),
                },
            )
            for size in (1, 2, 3, 4, 7, 8)
        ],
    )


def squashed(values):
    return 1 / (1 + torch.exp(-values))


FUSION = ("first", "first_scale", "first_shift", "second", "second_scale", "second_shift")


def review_kd(student_low, student_high, teacher_low, teacher_high, **learned):
    """Two levels: the deep one passes on what it has made of the student's map, the shallow one takes it in."""

    def layers(level):
        return [learned[f"{level}_{name}"] for name in FUSION]

    first, first_scale, first_shift, second, second_scale, second_shift = layers("high")
    deep = batch_normalized(convolution(student_high, first), first_scale, first_shift)
    deep = nearest(deep, *teacher_high.shape[2:])
    high = batch_normalized(convolution(deep, second), second_scale, second_shift)

    first, first_scale, first_shift, second, second_scale, second_shift = layers("low")
    own = batch_normalized(convolution(student_low, first), first_scale, first_shift)
    taken = nearest(deep, *student_low.shape[2:])
    shares = squashed(
        convolution(
            torch.cat([own, taken], dim=1), learned["low_attention"], learned["low_attention_bias"]
        )
    )
    fused = own * shares[:, 0:1] + taken * shares[:, 1:2]
    fused = nearest(fused, *teacher_low.shape[2:])
    low = batch_normalized(convolution(fused, second), second_scale, second_shift)
    return hierarchical_context(low, teacher_low) + hierarchical_context(high, teacher_high)


def fusion_inputs(seed, level, student_channels, middle, teacher_channels):
    return {
        f"{level}_first": random_inputs(seed, 0.7, middle, student_channels, 1, 1),
        f"{level}_first_scale": random_inputs(seed + 1, 0.3, middle) + 1,
        f"{level}_first_shift": random_inputs(seed + 2, 0.3, middle),
        f"{level}_second": random_inputs(seed + 3, 0.4, teacher_channels, middle, 3, 3),
        f"{level}_second_scale": random_inputs(seed + 4, 0.3, teacher_channels) + 1,
        f"{level}_second_shift": random_inputs(seed + 5, 0.3, teacher_channels),
    }


def write_review_kd():
    middle = 3
    cases = []
    for name, seed, student_low, student_high, teacher_low, teacher_high in [
        ("equal sizes", 700, (4, 2, 4, 4), (4, 3, 2, 2), (4, 3, 4, 4), (4, 2, 2, 2)),
        ("a vector above, another size below", 750, (4, 2, 3, 3), (4, 3, 1, 1), (4, 2, 5, 5), (4, 3, 1, 1)),
    ]:
        inputs = {
            "student_low": random_inputs(seed, 1.0, *student_low),
            "student_high": random_inputs(seed + 1, 1.0, *student_high),
            "teacher_low": random_inputs(seed + 2, 1.0, *teacher_low),
            "teacher_high": random_inputs(seed + 3, 1.0, *teacher_high),
            **fusion_inputs(seed + 10, "high", student_high[1], middle, teacher_high[1]),
            **fusion_inputs(seed + 20, "low", student_low[1], middle, teacher_low[1]),
            "low_attention": random_inputs(seed + 30, 0.7, 2, 2 * middle, 1, 1),
            "low_attention_bias": random_inputs(seed + 31, 0.5, 2),
        }
        learned = tuple(key for key in inputs if not key.startswith("teacher"))
        cases.append(case(name, review_kd, inputs, learned))
    write("review-kd", cases)


if __name__ == "__main__":
    write_fitnet()
    write_attention_transfer()
    write_vid()
    write_kd_plus_plus()
    write_crd()
    write_hierarchical_context()
    write_review_kd()
