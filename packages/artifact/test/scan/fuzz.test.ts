import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { bytesSource, scanFiles } from '@proofmark/artifact';

import { SAMPLES, UNSAFE } from './samples.ts';

const SET = path.join(import.meta.dirname, '../../../../../shared/datasets/model_files');
/** More with PROOFMARK_FUZZ=N: mutations of each sample. */
const ROUNDS = Number(process.env['PROOFMARK_FUZZ'] ?? '8');
const MAX_MS = 2000;

/** A small generator with a known sequence, so that a failure repeats. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const pick = (bound: number): number => Math.floor(random() * bound);
  const at = pick(bytes.length + 1);
  const copy = Buffer.from(bytes);
  switch (pick(7)) {
    case 0:
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << pick(8));
      return copy;
    case 1:
      for (let n = 0; n < 4; n += 1) if (copy.length > 0) copy[pick(copy.length)] = pick(256);
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), Buffer.from([pick(256)]), copy.subarray(at)]);
    case 4:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + pick(8))]);
    case 5: {
      const from = pick(copy.length + 1);
      return Buffer.concat([copy, copy.subarray(from, from + pick(64))]);
    }
    default:
      copy.fill(random() < 0.5 ? 0xff : 0, at, Math.min(copy.length, at + 1 + pick(8)));
      return copy;
  }
}

/** Scans one mutated file; the report must be there, in time, and not excuse a defect. */
function check(name: string, bytes: Uint8Array, seed: number): string {
  const started = performance.now();
  const report = scanFiles([{ path: name, kind: 'file', source: bytesSource(bytes) }]);
  const [file] = report.files;
  assert.ok(
    file !== undefined && performance.now() - started < MAX_MS,
    `${name} seed ${seed}: slow`,
  );
  const defect = file.findings.find((finding) => finding.message.includes('a reader failed'));
  assert.equal(defect, undefined, `${name} seed ${seed}: ${defect?.message ?? ''}`);
  assert.equal(file.verdict === 'clean', file.findings.length === 0, `${name} seed ${seed}`);
  return file.verdict;
}

describe('mutated samples', () => {
  test('a mutation of any generated sample gives a report in time and no defect', () => {
    for (const { name, bytes } of SAMPLES) {
      for (let round = 0; round < ROUNDS * 4; round += 1) {
        check(name, mutate(bytes, generator(round * 7919 + name.length)), round);
      }
    }
  });

  test('a mutation that leaves the bytes of an unsafe import whole is never clean', () => {
    for (const { name, bytes, marker } of UNSAFE) {
      for (let round = 0; round < ROUNDS * 20; round += 1) {
        const mutated = mutate(bytes, generator(round * 104_729 + name.length));
        if (!Buffer.from(mutated).includes(marker)) continue;
        const verdict = check(name, mutated, round);
        assert.notEqual(verdict, 'clean', `${name} round ${round}`);
      }
    }
  });

  test('a mutation of any file of the sample set gives a report in time and no defect', (t) => {
    const manifest = path.join(SET, 'manifest.jsonl');
    if (!existsSync(manifest)) return t.skip('the sample set is not beside this checkout');
    for (const line of readFileSync(manifest, 'utf8').trim().split('\n')) {
      const { file } = JSON.parse(line) as { file: string };
      const bytes = readFileSync(path.join(SET, file));
      if (bytes.length > 100_000) continue;
      for (let round = 0; round < ROUNDS / 4; round += 1) {
        check(path.basename(file), mutate(bytes, generator(round * 31 + bytes.length)), round);
      }
    }
  });
});
