"""The only place that makes random generators; everywhere else they follow from a seed."""

import hashlib

import numpy as np


def generator(seed: int, *names: str) -> np.random.Generator:
    """A generator that depends only on the seed and on what it is for.

    Args:
        seed: The workspace's seed.
        names: What the randomness is for, so that two uses never share a stream.

    >>> bool(generator(1, "bootstrap").random() == generator(1, "bootstrap").random())
    True
    """
    digest = hashlib.sha256("\x1f".join((str(seed), *names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
