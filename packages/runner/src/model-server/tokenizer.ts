/**
 * Byte-level BPE from `tokenizer.json` (Hugging Face `tokenizers` format).
 *
 * Supported: the `Split` pre-tokenizers named in `PATTERNS`, followed by a plain `ByteLevel`, and a BPE
 * model without unknown token, normaliser or post-processor; anything else is refused, because it
 * would cut text otherwise than in training. Special tokens are never made from text: `encode` treats
 * `<|user|>` in a prompt as the letters it is written with, so that no message can pretend to be
 * another role's.
 *
 * Law: `decode(encode(text)) === text` for every well-formed text.
 *
 * @module
 */
import { ServeError } from './errors.ts';
import { isJsonObject } from './json-object.ts';
import type { JsonObject } from './json-object.ts';

export interface Tokenizer {
  /** One more than the largest token id. */
  readonly vocabularySize: number;
  /** Bytes of the longest token: a text of more than `n` times as many needs more than `n` tokens. */
  readonly maxTokenBytes: number;
  encode(text: string): number[];
  /** Bytes of one token; empty for special and unknown tokens. */
  bytes(token: number): Uint8Array;
  decode(tokens: readonly number[]): string;
  /** Id of a special token. @throws {ServeError} model_invalid when the tokenizer has none of it */
  special(content: string): number;
}

/**
 * How text may be cut before merging, by the exact regular expression of the file. A list and not
 * `new RegExp(file)`: a pattern is a program, and one can be written that never ends.
 */
const PATTERNS: ReadonlyMap<unknown, RegExp> = new Map([
  [
    String.raw` ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+`,
    / ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+/gu,
  ],
]);

const MAX_VOCABULARY = 300_000;
/** A run without a break is cut here: merging is quadratic in the length of a piece. */
const MAX_PIECE = 128;
const CACHE_ENTRIES = 20_000;

/** @throws {ServeError} model_invalid */
export function readTokenizer(json: JsonObject): Tokenizer {
  const { vocabulary, ranks } = readModel(json['model']);
  const special = readSpecial(json['added_tokens'], vocabulary);
  const pattern = readPattern(json);
  const { toByte, toSymbol } = byteAlphabet();
  const tokenBytes: Uint8Array[] = [];
  for (const [token, id] of vocabulary) {
    const bytes = Array.from(token, (c) => toByte.get(c) ?? -1);
    const isText = !special.has(token) && !bytes.includes(-1);
    tokenBytes[id] = Uint8Array.from(isText ? bytes : []);
  }
  if (toSymbol.some((symbol) => !vocabulary.has(symbol))) throw invalid('a byte has no token');
  const encodePiece = pieceEncoder(vocabulary, ranks, toSymbol);
  const bytesOf = (token: number): Uint8Array => tokenBytes[token] ?? new Uint8Array(0);

  return {
    vocabularySize: tokenBytes.length,
    maxTokenBytes: tokenBytes.reduce((max, bytes) => Math.max(max, bytes.length), 1),
    bytes: bytesOf,
    encode: (text) =>
      Array.from(text.toWellFormed().matchAll(pattern), ([piece]) => piece)
        .flatMap(chunks)
        .flatMap(encodePiece),
    decode: (tokens) => Buffer.concat(tokens.map(bytesOf)).toString('utf8'),
    special(content) {
      const id = special.get(content);
      if (id === undefined) throw invalid(`it has no special token ${content}`);
      return id;
    },
  };
}

type Vocabulary = ReadonlyMap<string, number>;

function readModel(model: unknown): { vocabulary: Vocabulary; ranks: Vocabulary } {
  if (!isJsonObject(model) || model['type'] !== 'BPE') throw invalid('its model is not BPE');
  const { vocab, merges } = model;
  if (!isJsonObject(vocab) || !Array.isArray(merges)) throw invalid('it has no vocab or merges');
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(vocab)) {
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0 || id >= MAX_VOCABULARY) {
      throw invalid(`a token id is not a whole number below ${MAX_VOCABULARY}`);
    }
    vocabulary.set(token, id);
  }
  if (merges.length > MAX_VOCABULARY) throw invalid(`it has more than ${MAX_VOCABULARY} merges`);
  const ranks = new Map(
    (merges as readonly unknown[]).map((merge, rank) => [readMerge(merge, vocabulary), rank]),
  );
  return { vocabulary, ranks };
}

/** Both spellings of the format: `["a","b"]` and `"a b"`. Symbols hold no space. */
function readMerge(merge: unknown, vocabulary: Vocabulary): string {
  const pair = typeof merge === 'string' ? merge.split(' ') : merge;
  if (!Array.isArray(pair) || pair.length !== 2 || !vocabulary.has(pair.join(''))) {
    throw invalid('a merge is not a pair that makes a token of the vocabulary');
  }
  return pair.join(' ');
}

function readSpecial(added: unknown, vocabulary: Vocabulary): ReadonlyMap<string, number> {
  if (!Array.isArray(added)) throw invalid('it has no added_tokens');
  return new Map(
    (added as readonly unknown[]).map((token) => {
      const { content, id } = isJsonObject(token) ? token : {};
      if (typeof content !== 'string' || typeof id !== 'number' || vocabulary.get(content) !== id) {
        throw invalid('an added token is not in the vocabulary under its id');
      }
      return [content, id];
    }),
  );
}

function readPattern(json: JsonObject): RegExp {
  for (const step of ['normalizer', 'post_processor']) {
    if ((json[step] ?? null) !== null) throw invalid(`it has a ${step}`);
  }
  const [split, byteLevel] = readPreTokenizers(json['pre_tokenizer']);
  if (byteLevel['use_regex'] !== false || byteLevel['add_prefix_space'] !== false) {
    throw invalid('its ByteLevel cuts or adds text');
  }
  const source = isJsonObject(split['pattern']) ? split['pattern']['Regex'] : undefined;
  const pattern = PATTERNS.get(source);
  if (pattern === undefined) throw invalid('its Split pattern is not one this server knows');
  return pattern;
}

function readPreTokenizers(value: unknown): readonly [JsonObject, JsonObject] {
  const list = isJsonObject(value) ? value['pretokenizers'] : undefined;
  const [split, byteLevel, ...rest] = (Array.isArray(list) ? list : []) as readonly unknown[];
  if (isJsonObject(split) && isJsonObject(byteLevel) && rest.length === 0) {
    if (split['type'] === 'Split' && byteLevel['type'] === 'ByteLevel') return [split, byteLevel];
  }
  throw invalid('its pre-tokenizers are not Split and ByteLevel');
}

function pieceEncoder(
  vocabulary: Vocabulary,
  ranks: Vocabulary,
  toSymbol: readonly string[],
): (piece: string) => readonly number[] {
  const cache = new Map<string, readonly number[]>();
  return (piece) => {
    const cached = cache.get(piece);
    if (cached !== undefined) return cached;
    const symbols = Array.from(Buffer.from(piece, 'utf8'), (byte) => toSymbol[byte] ?? '');
    const ids = merge(symbols, ranks).map((symbol) => vocabulary.get(symbol) ?? 0);
    if (cache.size < CACHE_ENTRIES) cache.set(piece, ids);
    return ids;
  };
}

/** Joins the best-ranked neighbours until none is left; bounded by the piece's length. */
function merge(symbols: string[], ranks: Vocabulary): string[] {
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    let at = -1;
    for (let i = 0; i + 1 < symbols.length; i += 1) {
      const rank = ranks.get(`${symbols[i] ?? ''} ${symbols[i + 1] ?? ''}`);
      if (rank !== undefined && rank < best) [best, at] = [rank, i];
    }
    if (at < 0) return symbols;
    symbols.splice(at, 2, `${symbols[at] ?? ''}${symbols[at + 1] ?? ''}`);
  }
}

function chunks(piece: string): string[] {
  if (piece.length <= MAX_PIECE) return [piece];
  const characters = Array.from(piece);
  const parts: string[] = [];
  for (let i = 0; i < characters.length; i += MAX_PIECE) {
    parts.push(characters.slice(i, i + MAX_PIECE).join(''));
  }
  return parts;
}

/** The byte-to-character alphabet of GPT-2: printable bytes stand for themselves, others move up. */
function byteAlphabet(): {
  readonly toByte: ReadonlyMap<string, number>;
  readonly toSymbol: readonly string[];
} {
  const toSymbol: string[] = [];
  let moved = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const printable =
      (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    toSymbol.push(String.fromCodePoint(printable ? byte : 256 + moved));
    if (!printable) moved += 1;
  }
  return { toByte: new Map(toSymbol.map((symbol, byte) => [symbol, byte])), toSymbol };
}

function invalid(why: string): ServeError {
  return new ServeError('model_invalid', `cannot load tokenizer.json: ${why}`);
}
