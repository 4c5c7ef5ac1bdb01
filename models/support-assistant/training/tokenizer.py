"""Trains a byte-level BPE tokenizer (GPT-2 byte alphabet) and writes it in the `tokenizers` JSON format."""
import collections
import json
import re

SPECIAL = ["<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|end|>"]
# The pre-tokenizer of the format's ByteLevel with use_regex false is the whole text; this pattern is
# written into tokenizer.json as a Split, so that any reader splits alike.
PATTERN = r" ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+"


def byte_alphabet():
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    chars, extra = {}, 0
    for b in range(256):
        if b in printable:
            chars[b] = chr(b)
        else:
            chars[b] = chr(256 + extra)
            extra += 1
    return chars


ALPHABET = byte_alphabet()


def pieces(text):
    return re.findall(PATTERN, text)


def to_symbols(piece):
    return tuple(ALPHABET[b] for b in piece.encode("utf-8"))


def train(texts, size):
    words = collections.Counter()
    for text in texts:
        words.update(pieces(text))
    words = {to_symbols(w): n for w, n in words.items()}
    merges = []
    vocabulary = SPECIAL + [ALPHABET[b] for b in range(256)]
    while len(vocabulary) < size:
        pairs = collections.Counter()
        for symbols, n in words.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = max(pairs.items(), key=lambda item: (item[1], item[0]))[0]
        merges.append(best)
        vocabulary.append(best[0] + best[1])
        merged = {}
        for symbols, n in words.items():
            out, i = [], 0
            while i < len(symbols):
                if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == best:
                    out.append(symbols[i] + symbols[i + 1])
                    i += 2
                else:
                    out.append(symbols[i])
                    i += 1
            merged[tuple(out)] = merged.get(tuple(out), 0) + n
        words = merged
    return vocabulary, merges


class Tokenizer:
    def __init__(self, vocabulary, merges):
        self.ids = {token: i for i, token in enumerate(vocabulary)}
        self.ranks = {tuple(pair): i for i, pair in enumerate(merges)}
        self.cache = {}

    def encode(self, text):
        return [i for piece in pieces(text) for i in self._piece(piece)]

    def _piece(self, piece):
        if piece not in self.cache:
            symbols = list(to_symbols(piece))
            while len(symbols) > 1:
                rank, at = min((self.ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(symbols, symbols[1:])))
                if rank == 1 << 30:
                    break
                symbols[at:at + 2] = [symbols[at] + symbols[at + 1]]
            self.cache[piece] = [self.ids[s] for s in symbols]
        return self.cache[piece]

    def decode(self, ids, vocabulary):
        back = {c: b for b, c in ALPHABET.items()}
        text = "".join(vocabulary[i] for i in ids if i >= len(SPECIAL))
        return bytes(back[c] for c in text).decode("utf-8", "replace")


def document(vocabulary, merges):
    added = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
             for i, t in enumerate(SPECIAL)]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {t: i for i, t in enumerate(vocabulary)}, "merges": [list(m) for m in merges]},
    }
