"""Texts become unit vectors: all-MiniLM-L6-v2 in int8 on onnxruntime."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Encoding

WIDTH = 384
MAX_TOKENS = 256
"""What the model was trained for; what is longer is cut."""

_PIECE_CHARS = 100_000


class Embedder:
    """Safe to use from several threads at once.

    One text at a time on one thread is the fastest there is on shared cores, and needs the least memory: callers that
    have many texts and cores call it from several threads.
    """

    model_id = "all-MiniLM-L6-v2/int8-1"
    """Vectors of different ids are never compared."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        import onnxruntime  # here, since the service starts without: it answers while the embedder is made
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._cutting = Tokenizer.from_file(str(tokenizer))
        self._cutting.no_padding()
        self._cutting.enable_truncation(MAX_TOKENS)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [texts, 384], each row of length 1; a text beyond 256 tokens counts with its beginning."""
        vectors = np.empty((len(texts), WIDTH), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._run("vector", self._encode(text))
        return vectors

    def read(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Each token of `text` in its context: where it stands, int32 [n, 2] as in `tokens`, and its vector, [n, 384].

        The first and the last stand for the text's beginning and end, and nowhere in it. The mean of all vectors has
        the direction of the text's own. A text beyond 256 tokens is cut.
        """
        encoded = self._encode(text)
        return np.array(encoded.offsets, np.int32), self._run("tokens", encoded)

    def _encode(self, text: str) -> "Encoding":
        # More than that is cut off anyway, and must not be tokenised first.
        return self._cutting.encode(text[: MAX_TOKENS * 64])

    def _run(self, output: str, encoded: "Encoding") -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._session.run([output], {"ids": np.array([encoded.ids], np.int64)})[0][0]
        return found

    def tokens(self, text: str) -> NDArray[np.int32]:
        """int32 [tokens, 2]: where each token of `text` begins and ends, in code points."""
        spans: list[NDArray[np.int32]] = []
        start = 0
        while start < len(text):
            end = _cut(text, start)
            offsets = self._tokenizer.encode(text[start:end], add_special_tokens=False).offsets
            spans.append(np.array(offsets, np.int32).reshape(-1, 2) + np.int32(start))
            start = end
        return np.concatenate(spans) if spans else np.empty((0, 2), np.int32)

    @staticmethod
    def quantise(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
        """int8 of the same shape, each row scaled to its largest part: compare by cosine, the length is lost."""
        scale = 127 / np.maximum(np.abs(vectors).max(axis=-1, keepdims=True), 1e-9)
        quantised: NDArray[np.int8] = np.rint(vectors * scale).astype(np.int8)
        return quantised


def _cut(text: str, start: int) -> int:
    """The end of a piece that is tokenised at once: at white space, so that no word is torn."""
    end = start + _PIECE_CHARS
    if end >= len(text):
        return len(text)
    space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
    return space if space > start else end
