#!/usr/bin/env python3
"""The temperature of the logits in TemperatureScalingTest with the least cross-entropy, by SciPy's bounded minimiser of
the cross-entropy itself (not of its derivative). Prints it.
"""
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

i = np.arange(60)[:, None]
c = np.arange(5)[None]
label = ((7 * i + i // 3) % 5)[:, 0]
logits = 3 * np.sin(1.3 * i + 2.1 * c) + 1.5 * (c == label[:, None])
# Of 60 images 61 / 62 is an image's own class; the rest is spread over the other four.
target = np.where(c == label[:, None], 61 / 62, 1 / 62 / 4)


def cross_entropy(log_temperature):
    return -(target * log_softmax(logits / np.exp(log_temperature), 1)).sum(1).mean()


best = minimize_scalar(cross_entropy, bounds=(-5, 5), method="bounded", options={"xatol": 1e-12})
print(repr(float(np.exp(best.x))))
