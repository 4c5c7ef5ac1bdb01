/**
 * Byte-level BPE from `tokenizer.json` (Hugging Face `tokenizers` format).
 *
 * Supported: a `Split` pre-tokenizer with a regular expression, followed by `ByteLevel`; a BPE model
 * without unknown token. Special tokens are never made from text: `encode` treats `<|user|>` in a
 * prompt as the letters it is written with, so that no message can pretend to be another role's.
 * Law: `decode(encode(text)) === text` for every well-formed text.
 *
 * @module
 */
import { ServeError } from './errors.ts';

export interface Tokenizer {
  readonly vocabularySize: number;
  encode(text: string): number[];
  /** Bytes of one token; empty for special tokens. */
  bytes(token: number): Uint8Array;
  decode(tokens: readonly number[]): string;
  /** Id of a special token. @throws {ServeError} model_invalid when the tokenizer has none of it */
  special(content: string): number;
}

interface Document {
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  readonly pre_tokenizer: unknown;
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (readonly [string, string] | string)[];
  };
}

const MAX_PIECE_BYTES = 512;
const CACHE_ENTRIES = 20_000;

export function readTokenizer(text: string): Tokenizer {
  const document = JSON.parse(text) as Document;
  if (document.model.type !== 'BPE') throw invalid('its model is not BPE');
  const special = new Map(document.added_tokens.map((t) => [t.content, t.id]));
  const { toByte, toSymbol } = byteAlphabet();
  const vocabulary = new Map(Object.entries(document.model.vocab));
  const tokenBytes: Uint8Array[] = [];
  for (const [token, id] of vocabulary) {
    const bytes = Array.from(token, (c) => toByte.get(c) ?? -1);
    const isText = !special.has(token) && !bytes.includes(-1);
    tokenBytes[id] = Uint8Array.from(isText ? bytes : []);
  }
  const ranks = new Map(
    document.model.merges.map((merge, rank) => [
      typeof merge === 'string' ? merge : `${merge[0]} ${merge[1]}`,
      rank,
    ]),
  );
  const pattern = splitPattern(document.pre_tokenizer);
  const cache = new Map<string, readonly number[]>();

  const encodePiece = (piece: string): readonly number[] => {
    const cached = cache.get(piece);
    if (cached !== undefined) return cached;
    const symbols = [...Buffer.from(piece, 'utf8')].map((byte) => toSymbol[byte] ?? '');
    const ids = merge(symbols, ranks).map((symbol) => {
      const id = vocabulary.get(symbol);
      if (id === undefined) throw invalid('a merge makes a token that is not in the vocabulary');
      return id;
    });
    if (cache.size < CACHE_ENTRIES) cache.set(piece, ids);
    return ids;
  };

  return {
    vocabularySize: tokenBytes.length,
    bytes: (token) => tokenBytes[token] ?? new Uint8Array(0),
    encode: (input) =>
      [...input.toWellFormed().matchAll(pattern)]
        .flatMap(([piece]) => chunks(piece))
        .flatMap((piece) => encodePiece(piece)),
    decode: (tokens) =>
      Buffer.concat(tokens.map((token) => tokenBytes[token] ?? new Uint8Array(0))).toString('utf8'),
    special(content) {
      const id = special.get(content);
      if (id === undefined) throw invalid(`it has no special token ${content}`);
      return id;
    },
  };
}

/** Joins the best-ranked neighbours until none is left; bounded by the piece's length. */
function merge(symbols: string[], ranks: ReadonlyMap<string, number>): string[] {
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

/** A long run without a break would make merging quadratic: it is cut, which changes no text. */
function chunks(piece: string): string[] {
  if (piece.length <= MAX_PIECE_BYTES / 4) return [piece];
  const characters = Array.from(piece);
  const parts: string[] = [];
  for (let i = 0; i < characters.length; i += MAX_PIECE_BYTES / 4) {
    parts.push(characters.slice(i, i + MAX_PIECE_BYTES / 4).join(''));
  }
  return parts;
}

function splitPattern(preTokenizer: unknown): RegExp {
  const { pretokenizers } = (preTokenizer ?? {}) as { readonly pretokenizers?: unknown };
  const list = Array.isArray(pretokenizers) ? (pretokenizers as readonly unknown[]) : [];
  const [split, byteLevel] = list as readonly {
    readonly type?: string;
    readonly pattern?: { readonly Regex?: string };
    readonly use_regex?: boolean;
  }[];
  const source = split?.pattern?.Regex;
  if (split?.type !== 'Split' || source === undefined) throw invalid('it has no Split pattern');
  if (byteLevel?.type !== 'ByteLevel' || byteLevel.use_regex === true) {
    throw invalid('its second pre-tokenizer is not a plain ByteLevel');
  }
  return new RegExp(source, 'gu');
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
