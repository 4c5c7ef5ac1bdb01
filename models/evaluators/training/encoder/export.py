"""Writes a trained checkpoint as an int8 ONNX file.

python3 export.py CHECKPOINT.pt OUT.onnx

Dynamic quantisation: weights are int8, activations are quantised per call. `reduce_range` keeps the
weights to 7 bits, because CPUs with AVX2 and without VNNI add pairs of products in 16 bits and would
saturate with 8; with 7 bits the integer sums are exact on every CPU.
"""

import sys
import tempfile

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from model import HIDDEN, MAX_TOKENS, Encoder, Layer, from_checkpoint


class Scored(torch.nn.Module):
    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.encoder(ids, mask))


class FusedLayer(torch.nn.Module):
    """The same layer with query, key and value as one product: one quantisation instead of three."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        self.all = torch.nn.Linear(HIDDEN, 3 * HIDDEN)
        parts = (layer.query, layer.key, layer.value)
        self.all.weight.data = torch.cat([part.weight.data for part in parts])
        self.all.bias.data = torch.cat([part.bias.data for part in parts])

    def forward(self, x: torch.Tensor, blocked: torch.Tensor, dropout: float) -> torch.Tensor:
        return self.layer.mix(x, self.all(x).split(HIDDEN, 2), blocked, dropout)


def export(model: Encoder, target: str) -> None:
    model.eval()
    model.layers = torch.nn.ModuleList(FusedLayer(layer) for layer in model.layers)
    ids = torch.ones(2, MAX_TOKENS, dtype=torch.int64)
    with tempfile.TemporaryDirectory() as folder:
        plain = f"{folder}/plain.onnx"
        torch.onnx.export(
            Scored(model),
            (ids, torch.ones_like(ids)),
            plain,
            input_names=["ids", "mask"],
            output_names=["scores"],
            dynamic_axes={"ids": {0: "rows", 1: "tokens"}, "mask": {0: "rows", 1: "tokens"}, "scores": {0: "rows"}},
            opset_version=17,
        )
        quantize_dynamic(plain, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    written = onnx.load(target)
    written.ir_version = min(written.ir_version, 8)
    onnx.save(written, target)


if __name__ == "__main__":
    export(from_checkpoint(sys.argv[1]), sys.argv[2])
