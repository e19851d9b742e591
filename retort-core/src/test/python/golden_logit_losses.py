"""Makes the golden files of the losses on logits and on relations from their formulas, in float64.

    python3 golden_logit_losses.py

The formulas are spelled out class by class and pair by pair on purpose, so that they share nothing with the library.
"""

import torch

from golden import case, random_inputs, write


def probabilities(logits):
    powers = torch.exp(logits - logits.max(dim=1, keepdim=True).values.detach())
    return powers / powers.sum(dim=1, keepdim=True)


def divergence(p, q):
    """Mean over rows of KL(p || q)."""
    return (p * torch.log(p / q)).sum(dim=1).mean()


def hinton(student, teacher, temperature):
    p, q = probabilities(teacher / temperature), probabilities(student / temperature)
    return temperature**2 * divergence(p, q)


def two_networks(seed, images=5, classes=7):
    return {
        "student": random_inputs(seed, 2.0, images, classes),
        "teacher": random_inputs(seed + 1, 4.0, images, classes),
    }


def equal_networks(seed, images=5, classes=7):
    logits = random_inputs(seed, 3.0, images, classes)
    return {"student": logits, "teacher": logits}


def write_hinton():
    write(
        "hinton",
        [
            case("T = 4", hinton, two_networks(1), temperature=4.0),
            case("T = 1", hinton, two_networks(3), temperature=1.0),
            case("equal networks", hinton, equal_networks(5), temperature=4.0),
        ],
    )


if __name__ == "__main__":
    write_hinton()
