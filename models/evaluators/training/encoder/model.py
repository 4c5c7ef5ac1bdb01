"""The encoder: the lower layers of a BERT of the MiniLM-L6-H384 shape, one sigmoid output per question.

Only the lowest layer reads every token: twice on the way up neighbouring places are averaged, so that
the upper layers cost a half and a quarter of what they would. Written out here, without a model
library, so that what is exported is what is read.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

# One output per question. The order is part of the shipped model and of its model card.
HEADS = ("injection_user", "injection_document", "content_prompt", "content_response", "content_exchange")

HIDDEN = 384
ATTENTION_HEADS = 12
INNER = 1536
LAYERS = 4
# Layers that read only the average of two neighbours of the layer below: 128 places, 64, 32, 32.
MERGING = (1, 2)
STRIDE = 2 ** len(MERGING)
VOCABULARY = 30522
MAX_TOKENS = 128


class Layer(nn.Module):
    def __init__(self, inner: int = INNER) -> None:
        super().__init__()
        self.query = nn.Linear(HIDDEN, HIDDEN)
        self.key = nn.Linear(HIDDEN, HIDDEN)
        self.value = nn.Linear(HIDDEN, HIDDEN)
        self.attended = nn.Linear(HIDDEN, HIDDEN)
        self.norm_attended = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.widen = nn.Linear(HIDDEN, inner)
        self.narrow = nn.Linear(inner, HIDDEN)
        self.norm_narrow = nn.LayerNorm(HIDDEN, eps=1e-12)

    def forward(self, x: torch.Tensor, blocked: torch.Tensor, dropout: float) -> torch.Tensor:
        return self.mix(x, (self.query(x), self.key(x), self.value(x)), blocked, dropout)

    def mix(self, x: torch.Tensor, projected: tuple[torch.Tensor, ...], blocked: torch.Tensor, dropout: float) -> torch.Tensor:
        def split(y: torch.Tensor) -> torch.Tensor:
            return y.view(y.shape[0], y.shape[1], ATTENTION_HEADS, HIDDEN // ATTENTION_HEADS).transpose(1, 2)

        q, k, v = (split(y) for y in projected)
        weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(HIDDEN // ATTENTION_HEADS) + blocked, dim=-1)
        weights = F.dropout(weights, dropout, self.training)
        mixed = (weights @ v).transpose(1, 2).reshape(x.shape[0], x.shape[1], HIDDEN)
        x = self.norm_attended(x + F.dropout(self.attended(mixed), dropout, self.training))
        inner = self.narrow(F.gelu(self.widen(x)))
        return self.norm_narrow(x + F.dropout(inner, dropout, self.training))


class Encoder(nn.Module):
    """Token ids and mask, both [rows, tokens], to one logit per question, [rows, len(HEADS)].

    `tokens` is a multiple of STRIDE. `inners` is how wide each layer is inside; see `narrow.py`.
    """

    def __init__(self, inners: tuple[int, ...] = (INNER,) * LAYERS) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN)
        self.places = nn.Embedding(512, HIDDEN)
        self.kind = nn.Parameter(torch.zeros(HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.inners = tuple(inners)
        self.layers = nn.ModuleList(Layer(inner) for inner in inners)
        self.heads = nn.Linear(2 * HIDDEN, len(HEADS))
        self.frozen = 0
        self.dropout = 0.1

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        return self.norm(self.words(ids) + self.places(places) + self.kind)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        keep = mask.to(torch.float32)
        x = self.embed(ids)
        for number, layer in enumerate(self.layers):
            if number in MERGING:
                x, keep = merge(x, keep)
            blocked = (1.0 - keep)[:, None, None, :] * -10000.0
            x = layer(x, blocked, 0.0 if number < self.frozen else self.dropout)
        weight = keep[:, :, None]
        mean = (x * weight).sum(1) / weight.sum(1)
        peak = (x + (1.0 - weight) * -10000.0).max(1).values
        pooled = torch.cat((mean, peak), 1)
        return self.heads(F.dropout(pooled, self.dropout, self.training))


def merge(x: torch.Tensor, keep: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Averages two neighbours each; padding does not count."""
    rows = x.shape[0]
    counts = keep.view(rows, -1, 2).sum(2)
    sums = (x * keep[:, :, None]).view(rows, -1, 2, HIDDEN).sum(2)
    return sums / counts.clamp(min=1.0)[:, :, None], (counts > 0).to(torch.float32)


def from_checkpoint(path: str) -> Encoder:
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model = Encoder(checkpoint["inners"])
    model.load_state_dict(checkpoint["state"])
    return model


def save(model: Encoder, path: str) -> None:
    torch.save({"inners": model.inners, "state": model.state_dict()}, path)


def from_minilm(folder: str) -> Encoder:
    """Loads the layers of a `BertModel` safetensors file (all-MiniLM-L6-v2); the heads start at zero."""
    from safetensors.torch import load_file

    given = load_file(f"{folder}/model.safetensors")
    model = Encoder()
    names = {
        "words.weight": "embeddings.word_embeddings.weight",
        "places.weight": "embeddings.position_embeddings.weight",
        "norm.weight": "embeddings.LayerNorm.weight",
        "norm.bias": "embeddings.LayerNorm.bias",
    }
    parts = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "norm_attended": "attention.output.LayerNorm",
        "widen": "intermediate.dense",
        "narrow": "output.dense",
        "norm_narrow": "output.LayerNorm",
    }
    for number in range(LAYERS):
        for ours, theirs in parts.items():
            for kind in ("weight", "bias"):
                names[f"layers.{number}.{ours}.{kind}"] = f"encoder.layer.{number}.{theirs}.{kind}"
    state = {ours: given[theirs].float() for ours, theirs in names.items()}
    state["kind"] = given["embeddings.token_type_embeddings.weight"][0].float()
    state["heads.weight"] = torch.zeros(len(HEADS), 2 * HIDDEN)
    state["heads.bias"] = torch.zeros(len(HEADS))
    model.load_state_dict(state)
    return model
