"""Makes the golden files of the losses on logits and on relations from their formulas, in float64.

    python3 golden_logit_losses.py

The formulas are spelled out image by image, class by class and pair by pair on purpose, so that they share nothing
with the library. Constants such as 1e-7 are those of each method's published code.
"""

import torch

from golden import case, random_inputs, write

UNLABELLED = -1


def probabilities(logits):
    """Softmax of a vector."""
    powers = torch.exp(logits - logits.max().detach())
    return powers / powers.sum()


def divergence(p, q):
    """KL(p || q) of two vectors."""
    return sum(a * torch.log(a / b) for a, b in zip(p, q))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def length(vector, least=0.0):
    """Euclidean norm, with derivative 0 at 0."""
    square = (vector * vector).sum()
    return torch.sqrt(square) if square > least**2 else square * 0 + least


def logit_regression(student, teacher, centred):
    difference = student - teacher
    if centred:
        difference = torch.stack([row - row.sum() / len(row) for row in difference])
    return mean(x * x for x in difference.flatten())


def hinton(student, teacher, temperature):
    return temperature**2 * mean(
        divergence(probabilities(t / temperature), probabilities(s / temperature))
        for s, t in zip(student, teacher)
    )


def hinton_standardized(student, teacher, temperature):
    def z_score(row):
        centred = row - row.sum() / len(row)
        deviation = torch.sqrt((centred * centred).sum() / (len(row) - 1))
        return centred / (1e-7 + deviation)

    return hinton(
        torch.stack([z_score(row) for row in student]),
        torch.stack([z_score(row) for row in teacher]),
        temperature,
    )


def ttm(student, teacher, gamma, weighted=False):
    total = 0
    for s, t in zip(student, teacher):
        powers = probabilities(t) ** gamma
        weight = powers.sum() if weighted else 1
        total = total + weight * divergence(powers / powers.sum(), probabilities(s))
    return total / len(student)


def wttm(student, teacher, gamma):
    return ttm(student, teacher, gamma, weighted=True)


def dkd(student, teacher, labels, alpha, beta, temperature):
    losses = []
    for s, t, label in zip(student, teacher, labels.tolist()):
        if label == UNLABELLED:
            continue
        p, q = probabilities(t / temperature), probabilities(s / temperature)
        others = [k for k in range(len(p)) if k != label]
        p_rest, q_rest = p[others].sum(), q[others].sum()
        target = divergence([p[label], p_rest], [q[label], q_rest])
        non_target = divergence(p[others] / p_rest, q[others] / q_rest)
        losses.append(alpha * target + beta * non_target)
    return temperature**2 * mean(losses)


def dist(student, teacher, beta, gamma, temperature):
    def correlation(x, y):
        x, y = x - x.sum() / len(x), y - y.sum() / len(y)
        return (x * y).sum() / (length(x) * length(y) + 1e-8)

    q = torch.stack([probabilities(row / temperature) for row in student])
    p = torch.stack([probabilities(row / temperature) for row in teacher])
    inter = 1 - mean(correlation(x, y) for x, y in zip(q, p))
    intra = 1 - mean(correlation(x, y) for x, y in zip(q.T, p.T))
    return temperature**2 * (beta * inter + gamma * intra)


def rows(activations):
    return [image.flatten() for image in activations]


def sp(student, teacher):
    def similarities(activations):
        images = rows(activations)
        gram = [torch.stack([(a * b).sum() for b in images]) for a in images]
        return torch.stack([row / length(row, least=1e-12) for row in gram])

    return mean(x * x for x in (similarities(student) - similarities(teacher)).flatten())


def pkt(student, teacher):
    def neighbours(activations):
        directions = [a / (length(a) + 1e-7) for a in rows(activations)]
        kernel = [torch.stack([((a * b).sum() + 1) / 2 for b in directions]) for a in directions]
        return torch.stack([row / row.sum() for row in kernel])

    q, p = neighbours(student), neighbours(teacher)
    return mean(
        a * torch.log((a + 1e-7) / (b + 1e-7)) for a, b in zip(p.flatten(), q.flatten())
    )


def rkd(student, teacher, distance, angle):
    def huber(x):
        return x * x / 2 if abs(x) < 1 else abs(x) - 0.5

    def distances(images):
        lengths = [
            a.sum() * 0 if i == j else torch.sqrt(((a - b) ** 2).sum().clamp(min=1e-12))
            for i, a in enumerate(images)
            for j, b in enumerate(images)
        ]
        scale = mean(x for x in lengths if x > 0)
        return [x / scale for x in lengths]

    def cosines(images):
        def direction(a, b):
            return (b - a) / length(b - a, least=1e-12)

        return [
            (direction(a, b) * direction(a, c)).sum()
            for a in images
            for b in images
            for c in images
        ]

    s, t = rows(student), rows(teacher)
    of_distances = mean(huber(x - y) for x, y in zip(distances(s), distances(t)))
    of_angles = mean(huber(x - y) for x, y in zip(cosines(s), cosines(t)))
    return distance * of_distances + angle * of_angles


def two_networks(seed, images=5, classes=7):
    return {
        "student": random_inputs(seed, 2.0, images, classes),
        "teacher": random_inputs(seed + 1, 4.0, images, classes),
    }


def equal_networks(seed, images=5, classes=7):
    logits = random_inputs(seed, 3.0, images, classes)
    return {"student": logits, "teacher": logits}


def layers(seed, student, teacher):
    return {
        "student": random_inputs(seed, 1.5, *student),
        "teacher": random_inputs(seed + 1, 1.0, *teacher),
    }


def equal_layers(seed, *shape):
    activations = random_inputs(seed, 1.0, *shape)
    return {"student": activations, "teacher": activations}


def write_losses_on_logits():
    write(
        "logit-regression",
        [
            case("plain", logit_regression, two_networks(11), centred=0.0),
            case("centred", logit_regression, two_networks(13), centred=1.0),
            case("equal networks", logit_regression, equal_networks(15), centred=0.0),
        ],
    )
    write(
        "hinton",
        [
            case("T = 4", hinton, two_networks(1), temperature=4.0),
            case("T = 1", hinton, two_networks(3), temperature=1.0),
            case("equal networks", hinton, equal_networks(5), temperature=4.0),
        ],
    )
    write(
        "hinton-standardized",
        [
            case("T = 2", hinton_standardized, two_networks(21), temperature=2.0),
            case("T = 5", hinton_standardized, two_networks(23), temperature=5.0),
            case("two classes", hinton_standardized, two_networks(25, classes=2), temperature=2.0),
            case("equal networks", hinton_standardized, equal_networks(27), temperature=2.0),
        ],
    )
    for name, loss in ("ttm", ttm), ("wttm", wttm):
        write(
            name,
            [
                case("gamma = 0.1", loss, two_networks(31), gamma=0.1),
                case("gamma = 0.5", loss, two_networks(33), gamma=0.5),
                case("equal networks, gamma = 0.1", loss, equal_networks(35), gamma=0.1),
                case("equal networks, gamma = 1", loss, equal_networks(37), gamma=1.0),
            ],
        )
    labels = torch.tensor([0, 6, 3, 3, 1])
    partly = torch.tensor([4, UNLABELLED, 2, UNLABELLED, 6])
    write(
        "dkd",
        [
            case("T = 4", dkd, two_networks(41) | {"labels": labels}, alpha=1.0, beta=8.0, temperature=4.0),
            case("T = 1", dkd, two_networks(43) | {"labels": labels}, alpha=0.5, beta=2.0, temperature=1.0),
            case("some labels missing", dkd, two_networks(45) | {"labels": partly}, alpha=1.0, beta=8.0, temperature=4.0),
            case("equal networks", dkd, equal_networks(47) | {"labels": labels}, alpha=1.0, beta=8.0, temperature=4.0),
        ],
    )
    write(
        "dist",
        [
            case("T = 4", dist, two_networks(51), beta=1.0, gamma=1.0, temperature=4.0),
            case("T = 1", dist, two_networks(53), beta=2.0, gamma=0.5, temperature=1.0),
            case("equal networks", dist, equal_networks(55), beta=1.0, gamma=1.0, temperature=4.0),
        ],
    )


def write_losses_on_relations():
    write(
        "sp",
        [
            case("maps of different shapes", sp, layers(61, (4, 3, 2, 2), (4, 2, 3, 3))),
            case("vectors", sp, layers(63, (6, 5), (6, 8))),
            case("equal networks", sp, equal_layers(65, 4, 3, 2, 2)),
        ],
    )
    write(
        "pkt",
        [
            case("different widths", pkt, layers(71, (6, 5), (6, 8))),
            case("two images", pkt, layers(73, (2, 3), (2, 3))),
            case("equal networks", pkt, equal_layers(75, 6, 5)),
        ],
    )
    outlier = layers(85, (5, 4), (5, 6))
    outlier["student"][0] *= 20
    write(
        "rkd",
        [
            case("different widths", rkd, layers(81, (5, 4), (5, 6)), distance=25.0, angle=50.0),
            case("distances only", rkd, layers(83, (5, 4), (5, 6)), distance=1.0, angle=0.0),
            case("an outlier", rkd, outlier, distance=25.0, angle=50.0),
            case("equal networks", rkd, equal_layers(87, 5, 4), distance=25.0, angle=50.0),
        ],
    )


if __name__ == "__main__":
    write_losses_on_logits()
    write_losses_on_relations()
