"""Makes the lowest layer narrower inside: it is the only one that reads every token, so its width is time.

python3 narrow.py --start FOLDER --rows train.jsonl --width 1024 CHECKPOINT.pt OUT.pt

The inner units that move the layer's sum most are kept, and their outputs are fitted by least squares
to what all of them said on a sample of the training rows. Train on afterwards (`train.py --resume`):
the layers above get used to what is missing.
"""

import argparse
import json
import random

import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from model import HIDDEN, MAX_TOKENS, Encoder, Layer, from_checkpoint, save

TEXTS = 1400
# Of the mean square of a unit; keeps the fit from leaning on units that hardly vary.
RIDGE = 1e-6


def attended(model: Encoder, layer: Layer, texts: list[str], tokenizer: Tokenizer) -> torch.Tensor:
    """What enters the inner part of the lowest layer, one line per token of the texts."""
    kept: list[torch.Tensor] = []
    hook = layer.widen.register_forward_pre_hook(lambda _, given: kept.append(given[0][0]))
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids])
        layer(model.embed(ids), torch.zeros(1, 1, 1, ids.shape[1]), 0.0)
    hook.remove()
    return torch.cat(kept)


def narrowed(layer: Layer, given: torch.Tensor, width: int) -> Layer:
    units = F.gelu(layer.widen(given))
    wanted = units @ layer.narrow.weight.T
    weight = units.var(0) * (layer.narrow.weight**2).sum(0)
    kept = weight.argsort(descending=True)[:width].sort().values
    known = torch.cat((units[:, kept], torch.ones(len(units), 1)), 1).double()
    square = known.T @ known
    square += torch.eye(width + 1).double() * square.diag().mean() * RIDGE
    fitted = torch.linalg.solve(square, known.T @ wanted.double()).float()
    result = Layer(width)
    state = {name: value for name, value in layer.state_dict().items() if not name.startswith(("widen.", "narrow."))}
    state["widen.weight"] = layer.widen.weight[kept]
    state["widen.bias"] = layer.widen.bias[kept]
    state["narrow.weight"] = fitted[:width].T
    state["narrow.bias"] = layer.narrow.bias + fitted[width]
    result.load_state_dict(state)
    error = (known.float() @ fitted - wanted).norm() / (wanted - wanted.mean(0)).norm()
    print(f"{width} of {len(layer.widen.bias)} units, relative error {error:.4f} on {len(given)} tokens of {HIDDEN}")
    return result


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--start", required=True)
    options.add_argument("--rows", required=True)
    options.add_argument("--width", type=int, default=1024)
    options.add_argument("checkpoint")
    options.add_argument("out")
    given = options.parse_args()
    tokenizer = Tokenizer.from_file(f"{given.start}/tokenizer.json")
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    with open(given.rows, encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    model = from_checkpoint(given.checkpoint)
    model.eval()
    with torch.no_grad():
        inputs = attended(model, model.layers[0], random.Random(1).sample(texts, TEXTS), tokenizer)
        model.layers[0] = narrowed(model.layers[0], inputs, given.width)
    model.inners = (given.width, *model.inners[1:])
    save(model, given.out)


if __name__ == "__main__":
    main()
