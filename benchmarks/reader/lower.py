"""The embedder's lower layers as they run in the product (int8): what the trained layers are given."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from benchmarks.reader.samples import Sample
from wenyuan.models.sessions import create_session
from wenyuan.models.store import resolve

QUESTION_TOKENS = 48
PASSAGE_TOKENS = 176


class Lower:
    """Turns question and passage into token ids, and these into the states below layer ``first``."""

    def __init__(self, models: Path, first: int, scratch: Path) -> None:
        folder = resolve("e5-small-offline", models)
        self._tokenizer = Tokenizer.from_file(str(folder.tokenizer))
        graph = onnx.load(folder.graph)
        norms = [i for i, node in enumerate(graph.graph.node) if node.op_type == "LayerNormalization"]
        kept = list(graph.graph.node)[: norms[2 * first] + 1]
        output = kept[-1].output[0]
        del graph.graph.node[:], graph.graph.output[:]
        graph.graph.node.extend(kept)
        graph.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, "tokens", 384]))
        scratch.mkdir(parents=True, exist_ok=True)
        onnx.save(graph, scratch / f"lower{first}.onnx")
        self._session = create_session(scratch / f"lower{first}.onnx", threads=1, fused=True)

    def tokens(self, question: str, passage: str) -> tuple[list[int], list[tuple[int, int]], int]:
        """Return the ids of both, the character spans of the passage's tokens, and where these begin."""
        asked = self._tokenizer.encode("query: " + question, add_special_tokens=False)
        read = self._tokenizer.encode(passage, add_special_tokens=False)
        head = [0, *asked.ids[:QUESTION_TOKENS], 2, 2]
        ids = [*head, *read.ids[:PASSAGE_TOKENS], 2]
        return ids, [(int(s), int(e)) for s, e in read.offsets[:PASSAGE_TOKENS]], len(head)

    def encode(self, sample: Sample) -> tuple[NDArray[np.float32], tuple[int, int] | None, int]:
        """Return the states (tokens, hidden), the answer's first and last token, and where the passage begins.

        The span is (0, 0) where there is no answer, None when it lies beyond the tokens that are read.
        """
        ids, offsets, begin = self.tokens(sample.question, sample.text)
        span: tuple[int, int] | None = (0, 0)
        if sample.answered:
            inside = [i for i, (s, e) in enumerate(offsets) if s < sample.end and sample.start < e]
            span = (begin + inside[0], begin + inside[-1]) if inside else None
        return self.states(ids), span, begin

    def states(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return the states (tokens, hidden) below the trained layers."""
        (output,) = self._session.run(None, {"input_ids": np.array([ids], np.int64)})
        return np.asarray(output[0], np.float32)
