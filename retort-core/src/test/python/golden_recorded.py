"""Writes a teacher's outputs as NumPy saves them.

Of image i, class c and view v the logit is 100 v + i + c / 4, and the embedding's number d is
-i - d / 2: exact in 16 bits. Run from retort-core with NumPy: python3 src/test/python/golden_recorded.py
"""

import pathlib

import numpy as np

OUT = pathlib.Path("src/test/resources/dev/retort/teacher/recorded")


def logits(images, view=0):
    return 100 * view + np.array(images)[:, None] + np.arange(3) / 4


def embedding(images):
    return -np.array(images)[:, None] - np.arange(2) / 2


OUT.mkdir(parents=True, exist_ok=True)
every = np.arange(8)
shuffled = np.array([5, 0, 7, 3, 1, 6, 4, 2])
np.save(OUT / "logits.npy", logits(every).astype(np.float32))
np.savez(
    OUT / "half.npz",
    logits=logits(shuffled).astype(np.float16),
    embedding=embedding(shuffled).astype(np.float16),
    index=shuffled.astype(np.int32),
    **{"test.logits": logits([20, 21, 22]).astype(np.float16)},
)
np.savez_compressed(OUT / "columns.npz", logits=np.asfortranarray(logits(every)), sample=every)
train = np.array([7, 6, 5, 3, 2, 0])
np.savez(
    OUT / "views.npz",
    logits=np.stack([logits(train, view) for view in range(2)]).astype(np.float32),
    index=train,
    **{"validation.logits": logits([1, 4]).astype(np.float32), "validation.index": np.array([1, 4])},
)
np.save(OUT / "objects.npy", np.array([[1.0, "x"]], dtype=object), allow_pickle=True)
np.save(OUT / "big.npy", logits(every).astype(">f4"))
np.save(OUT / "structure.npy", np.zeros(8, dtype=[("logits", "<f4")]))
