"""Clusters the most frequent words of public domain GloVe vectors (PDDL 1.0) and writes them as a table.

Usage: python3 word_clusters.py VECTORS.json OUT.bin [words] [fine] [coarse]

VECTORS.json has `words` in order of frequency and `vectors` of 100 numbers each. The table holds, per
word, its 32-bit FNV-1a hash as the evaluators compute it and its fine and coarse cluster numbers.
Needs numpy and torch (CPU). Deterministic: seeded, single pass order.
"""
import json
import re
import struct
import sys

import numpy as np
import torch


def fnv(word):
    h = 0x811C9DC5
    for i in range(0, len(word)):
        h = ((h ^ ord(word[i])) * 0x01000193) & 0xFFFFFFFF
    return h


def kmeans(x, k, rounds, seed):
    g = torch.Generator().manual_seed(seed)
    centres = x[torch.randperm(len(x), generator=g)[:k]].clone()
    for _ in range(rounds):
        owner = torch.cat([(x[i : i + 8192] @ centres.T).argmax(1) for i in range(0, len(x), 8192)])
        for c in range(k):
            members = x[owner == c]
            if len(members) == 0:
                centres[c] = x[torch.randint(len(x), (1,), generator=g)]
            else:
                centres[c] = members.mean(0)
        centres = torch.nn.functional.normalize(centres, dim=1)
    return owner, centres


def main():
    source, out = sys.argv[1:3]
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 40000
    fine = int(sys.argv[4]) if len(sys.argv) > 4 else 512
    coarse = int(sys.argv[5]) if len(sys.argv) > 5 else 64
    torch.set_num_threads(2)
    data = json.load(open(source))
    words = [w for w in data["words"] if re.fullmatch(r"[a-z][a-z']{1,24}", w)][:wanted]
    x = torch.tensor(np.array([data["vectors"][w][:100] for w in words], dtype=np.float32))
    x = torch.nn.functional.normalize(x - x.mean(0), dim=1)
    owner, centres = kmeans(x, fine, 25, 1)
    group, _ = kmeans(centres, coarse, 25, 2)
    with open(out, "wb") as f:
        header = {"format": "proofmark-words/1", "words": len(words), "fine": fine, "coarse": coarse}
        f.write((json.dumps(header) + "\n").encode())
        for w, o in zip(words, owner.tolist()):
            f.write(struct.pack("<IHH", fnv(w), o + 1, int(group[o]) + 1))
    for c in (3, 30, 99, 200, 301):
        print(c, [w for w, o in zip(words, owner.tolist()) if o == c % fine][:14])


main()
