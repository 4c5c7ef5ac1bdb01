import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ArtifactError } from '../src/errors.ts';
import { createManifest } from '../src/manifest.ts';
import { buildPayload, readPayload } from '../src/statement.ts';

const manifest = createManifest([
  { path: 'b', sizeBytes: 1, sha256: 'b'.repeat(64) },
  { path: 'a', sizeBytes: 2, sha256: 'a'.repeat(64) },
]);

interface Document {
  _type: string;
  subject: { name: string; digest: Record<string, string> }[];
  predicateType: string;
  predicate: { serialization: Record<string, unknown>; resources: Record<string, unknown>[] };
}

const document = (): Document =>
  JSON.parse(buildPayload('m', manifest, ['.git']).toString()) as Document;
const read = (value: object): ReturnType<typeof readPayload> =>
  readPayload(Buffer.from(JSON.stringify(value)));

test('what is built reads back', () => {
  assert.deepEqual(readPayload(buildPayload('m', manifest, ['.git'])), {
    name: 'm',
    resources: manifest.files.map(({ path, sha256 }) => ({ path, sha256 })),
    omsRoot: manifest.omsRoot,
    manifestDigest: manifest.manifestDigest,
    ignored: ['.git'],
    singleFile: false,
  });
});

test('the listed order is kept: the root digest is computed in it', () => {
  const value = document();
  value.predicate.resources.reverse();

  assert.throws(() => read(value), /root digest/);
});

describe('a statement is refused', () => {
  const refused: readonly (readonly [string, (d: Document) => void, string])[] = [
    [
      'with two subjects',
      (d) => d.subject.push({ name: 'x', digest: { sha256: 'a'.repeat(64) } }),
      'ARTIFACT_STATEMENT_INVALID',
    ],
    [
      'of another predicate',
      (d) => {
        d.predicateType = 'x';
      },
      'ARTIFACT_STATEMENT_INVALID',
    ],
    [
      'with shards',
      (d) => {
        d.predicate.serialization['method'] = 'shards';
      },
      'ARTIFACT_METHOD_UNSUPPORTED',
    ],
    [
      'with another hash',
      (d) => {
        d.predicate.serialization['hash_type'] = 'blake3';
      },
      'ARTIFACT_METHOD_UNSUPPORTED',
    ],
    [
      'with a path that climbs out',
      (d) => {
        (d.predicate.resources[0] ?? {})['name'] = '../../etc/passwd';
      },
      'ARTIFACT_PATH_ESCAPES_ROOT',
    ],
    [
      'with a file twice',
      (d) => {
        (d.predicate.resources[1] ?? {})['name'] = 'a';
      },
      'ARTIFACT_STATEMENT_INVALID',
    ],
    [
      'with a malformed digest',
      (d) => {
        (d.predicate.resources[0] ?? {})['digest'] = 'A'.repeat(64);
      },
      'ARTIFACT_STATEMENT_INVALID',
    ],
    [
      'with a root digest of other files',
      (d) => {
        (d.subject[0] ?? { digest: {} as Record<string, string> }).digest['sha256'] = 'c'.repeat(
          64,
        );
      },
      'ARTIFACT_STATEMENT_INVALID',
    ],
    [
      'with a malformed manifest digest',
      (d) => {
        (d.subject[0] ?? { digest: {} as Record<string, string> }).digest['manifest'] = 'x';
      },
      'ARTIFACT_STATEMENT_INVALID',
    ],
  ];
  for (const [name, change, code] of refused) {
    test(name, () => {
      const value = document();
      change(value);
      assert.throws(
        () => read(value),
        (e) => e instanceof ArtifactError && e.code === code,
      );
    });
  }

  test('that is not JSON', () => {
    assert.throws(
      () => readPayload(Buffer.from('{')),
      (e) => e instanceof ArtifactError && e.code === 'ARTIFACT_STATEMENT_INVALID',
    );
  });
});
