"""The official all-MiniLM-L6-v2 weights as an ONNX graph, quantised to int8.

The graph takes one text's token ids (int64 [1, n], n <= 512, no padding) and gives a vector for each token (`tokens`,
float32 [1, n, 384]): BERT with 6 layers of 12 heads; and one for the text (`vector`, float32 [1, 384]): the mean over
the tokens, divided by its length. Deterministic: the same weights give the same bytes.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

LAYERS, HEADS, WIDTH = 6, 12, 384
_OPSET = 20


class _Graph:
    """Nodes and weights under construction; each method adds one node and answers the name of its output."""

    def __init__(self, weights: dict[str, NDArray[np.float32]]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, values: object, dtype: type = np.float32) -> str:
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=dtype), name))
        return name

    def weight(self, name: str, *, transposed: bool = False) -> str:
        values = self.weights[name]
        return self.constant(values.T if transposed else values)

    def dense(self, x: str, layer: str) -> str:
        product = self.add("MatMul", x, self.weight(f"{layer}.weight", transposed=True))
        return self.add("Add", product, self.weight(f"{layer}.bias"))

    def norm(self, x: str, layer: str) -> str:
        scale, bias = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)


def build(weights: Path, target: Path) -> None:
    """Write the quantised model to `target`; `weights` is the official safetensors file."""
    plain = target.with_suffix(".float.onnx")
    onnx.save(_float_model(load_file(weights)), plain)
    logging.disable(logging.WARNING)  # the quantiser logs advice for developers
    try:
        quantize_dynamic(plain, target, per_channel=True, weight_type=QuantType.QInt8)
    finally:
        logging.disable(logging.NOTSET)
    plain.unlink()


def _float_model(weights: dict[str, NDArray[np.float32]]) -> onnx.ModelProto:
    graph = _Graph(weights)
    x = _embeddings(graph)
    for number in range(LAYERS):
        x = _layer(graph, x, f"encoder.layer.{number}")
    graph.nodes.append(helper.make_node("Identity", [x], ["tokens"]))
    mean = graph.add("ReduceMean", x, graph.constant([1], np.int64), keepdims=0)
    graph.nodes.append(helper.make_node("LpNormalization", [mean], ["vector"], axis=-1, p=2))
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "n"])],
            [
                helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, WIDTH]),
                helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [1, "n", WIDTH]),
            ],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=10,
    )


def _embeddings(graph: _Graph) -> str:
    words = graph.add("Gather", graph.weight("embeddings.word_embeddings.weight"), "ids")
    # All tokens are of one segment: its embedding is part of each position's.
    places = graph.weights["embeddings.position_embeddings.weight"]
    segment = graph.weights["embeddings.token_type_embeddings.weight"][0]
    length = graph.add("Shape", "ids", start=1, end=2)
    start, axis = graph.constant([0], np.int64), graph.constant([0], np.int64)
    positions = graph.add("Slice", graph.constant(places + segment), start, length, axis)
    return graph.norm(graph.add("Add", words, positions), "embeddings.LayerNorm")


def _layer(graph: _Graph, x: str, layer: str) -> str:
    shape = graph.constant([0, 0, HEADS, WIDTH // HEADS], np.int64)

    def heads(name: str, order: list[int]) -> str:
        split = graph.add("Reshape", graph.dense(x, f"{layer}.attention.self.{name}"), shape)
        return graph.add("Transpose", split, perm=order)

    queries, keys, values = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scores = graph.add("Mul", graph.add("MatMul", queries, keys), graph.constant((WIDTH // HEADS) ** -0.5))
    seen = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), values)
    joined = graph.add("Transpose", seen, perm=[0, 2, 1, 3])
    context = graph.add("Reshape", joined, graph.constant([0, 0, WIDTH], np.int64))
    attention = graph.dense(context, f"{layer}.attention.output.dense")
    x = graph.norm(graph.add("Add", x, attention), f"{layer}.attention.output.LayerNorm")
    hidden = graph.add("Gelu", graph.dense(x, f"{layer}.intermediate.dense"))
    return graph.norm(graph.add("Add", x, graph.dense(hidden, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")
