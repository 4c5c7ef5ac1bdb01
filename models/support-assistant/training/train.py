"""Trains the support assistant: Llama architecture, a few million parameters, on a CPU.

    python3 train.py --train train.jsonl --valid valid.jsonl --out ../model --minutes 25
"""
import argparse
import json
import math
import os
import struct
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import tokenizer as bpe

CONFIG = dict(vocab_size=2048, hidden_size=192, intermediate_size=512, num_hidden_layers=5, num_attention_heads=6,
              num_key_value_heads=3, max_position_embeddings=512, rms_norm_eps=1e-5, rope_theta=10000.0)
# Longer than any generated conversation but the longest few, which are cut.
LENGTH = 256


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG["rms_norm_eps"])


def rope(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        d, f = CONFIG["hidden_size"], CONFIG["intermediate_size"]
        self.heads, self.kv = CONFIG["num_attention_heads"], CONFIG["num_key_value_heads"]
        self.size = d // self.heads
        self.input_layernorm, self.post_attention_layernorm = Norm(d), Norm(d)
        self.q_proj = nn.Linear(d, d, bias=False)
        self.k_proj = nn.Linear(d, self.kv * self.size, bias=False)
        self.v_proj = nn.Linear(d, self.kv * self.size, bias=False)
        self.o_proj = nn.Linear(d, d, bias=False)
        self.gate_proj = nn.Linear(d, f, bias=False)
        self.up_proj = nn.Linear(d, f, bias=False)
        self.down_proj = nn.Linear(f, d, bias=False)

    def forward(self, x, cos, sin, mask):
        b, t, d = x.shape
        h = self.input_layernorm(x)
        q = rope(self.q_proj(h).view(b, t, self.heads, self.size).transpose(1, 2), cos, sin)
        k = rope(self.k_proj(h).view(b, t, self.kv, self.size).transpose(1, 2), cos, sin)
        v = self.v_proj(h).view(b, t, self.kv, self.size).transpose(1, 2)
        k, v = k.repeat_interleave(self.heads // self.kv, 1), v.repeat_interleave(self.heads // self.kv, 1)
        a = (q @ k.transpose(-1, -2)) / math.sqrt(self.size) + mask
        x = x + self.o_proj((a.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))
        h = self.post_attention_layernorm(x)
        return x + self.down_proj(F.silu(self.gate_proj(h)) * self.up_proj(h))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(CONFIG["vocab_size"], CONFIG["hidden_size"])
        self.layers = nn.ModuleList(Layer() for _ in range(CONFIG["num_hidden_layers"]))
        self.norm = Norm(CONFIG["hidden_size"])
        for name, p in self.named_parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02 / (math.sqrt(2 * CONFIG["num_hidden_layers"]) if "o_proj" in name or "down" in name else 1))

    def forward(self, ids):
        t = ids.shape[1]
        size = CONFIG["hidden_size"] // CONFIG["num_attention_heads"]
        angle = torch.arange(t)[:, None] / CONFIG["rope_theta"] ** (torch.arange(0, size, 2) / size)
        cos, sin = torch.cat((angle.cos(),) * 2, -1), torch.cat((angle.sin(),) * 2, -1)
        mask = torch.full((t, t), float("-inf")).triu(1)
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        return self.norm(x) @ self.embed_tokens.weight.T


def encode(messages, tokens):
    """Token ids, and for each whether the loss counts it: what the assistant says, and its end."""
    role = {"system": 1, "user": 2, "assistant": 3, "tool": 4}
    ids, counted = [], []
    for message in messages:
        body = tokens.encode(message["content"]) + [5]
        ids += [role[message["role"]]] + body
        counted += [0] + [1 if message["role"] == "assistant" else 0] * len(body)
    return ids[:LENGTH + 1], counted[:LENGTH + 1]


def batches(rows, size, generator):
    order = generator.permutation(len(rows))
    groups = [sorted(order[i:i + size * 50], key=lambda j: len(rows[j][0])) for i in range(0, len(order), size * 50)]
    todo = [g[i:i + size] for g in groups for i in range(0, len(g), size)]
    for at in generator.permutation(len(todo)):
        chosen = [rows[j] for j in todo[at]]
        longest = max(len(ids) for ids, _ in chosen)
        ids, counted = np.zeros((len(chosen), longest), np.int64), np.zeros((len(chosen), longest), np.float32)
        for i, (a, b) in enumerate(chosen):
            ids[i, :len(a)], counted[i, :len(b)] = a, b
        yield torch.from_numpy(ids), torch.from_numpy(counted)


def loss_of(model, ids, counted):
    logits = model(ids[:, :-1])
    each = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), ids[:, 1:].reshape(-1), reduction="none")
    weight = counted[:, 1:].reshape(-1)
    return (each * weight).sum() / weight.sum()


def save(model, folder):
    """F16 safetensors with the tensor names of the Llama architecture."""
    names = {}
    for name, p in model.state_dict().items():
        part = name.split(".")
        if part[0] == "layers":
            group = "self_attn." if part[2] in ("q_proj", "k_proj", "v_proj", "o_proj") else "mlp." if part[2] in ("gate_proj", "up_proj", "down_proj") else ""
            name = ".".join(part[:2]) + "." + group + ".".join(part[2:])
        names["model." + name] = p.detach().numpy().astype("<f2")
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name in sorted(names):
        header[name] = {"dtype": "F16", "shape": list(names[name].shape), "data_offsets": [at, at + names[name].nbytes]}
        at += names[name].nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(folder, "model.safetensors"), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(names):
            out.write(names[name].tobytes())


def main():
    parser = argparse.ArgumentParser()
    for name in ("train", "valid", "out"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate")
    parser.add_argument("--resume", help="checkpoint to go on from")
    options = parser.parse_args()
    torch.manual_seed(7)
    torch.set_num_threads(options.threads)
    os.makedirs(options.out, exist_ok=True)
    train_rows = [json.loads(line)["messages"] for line in open(options.train, encoding="utf-8")]
    valid_rows = [json.loads(line)["messages"] for line in open(options.valid, encoding="utf-8")]
    vocabulary, merges = bpe.train((m["content"] for row in train_rows[:8000] for m in row), CONFIG["vocab_size"])
    while len(vocabulary) < CONFIG["vocab_size"]:
        vocabulary.append(f"<|unused{len(vocabulary)}|>")
    with open(os.path.join(options.out, "tokenizer.json"), "w", encoding="utf-8") as out:
        json.dump(bpe.document(vocabulary, merges), out, ensure_ascii=False, indent=0)
    tokens = bpe.Tokenizer(vocabulary, merges)
    train_set, valid_set = [encode(r, tokens) for r in train_rows], [encode(r, tokens) for r in valid_rows]
    model = Model()
    if options.resume:
        model.load_state_dict(torch.load(options.resume))
    print("parameters", sum(p.numel() for p in model.parameters()), "tokens", sum(len(a) for a, _ in train_set), flush=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.05)
    generator = np.random.default_rng(7)
    started, step, budget = time.time(), 0, options.minutes * 60
    while time.time() - started < budget:
        for ids, counted in batches(train_set, 32, generator):
            share = min(1.0, (time.time() - started) / budget)
            for group in optimizer.param_groups:
                group["lr"] = options.rate * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
            loss = loss_of(model, ids, counted)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            if step % 100 == 0:
                print(f"step {step} loss {loss.item():.4f} share {share:.2f} s {time.time() - started:.0f}", flush=True)
            if share >= 1:
                break
    with torch.no_grad():
        losses = [loss_of(model, i, c).item() for i, c in batches(valid_set, 32, np.random.default_rng(1))]
    print(f"steps {step} validation loss {np.mean(losses):.4f} minutes {(time.time() - started) / 60:.1f}", flush=True)
    save(model, options.out)
    torch.save(model.state_dict(), os.path.join(os.path.dirname(os.path.abspath(options.out)), "checkpoint.pt"))


if __name__ == "__main__":
    main()
