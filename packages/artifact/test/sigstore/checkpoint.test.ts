import assert from 'node:assert/strict';
import { createHash, sign } from 'node:crypto';
import { describe, test } from 'node:test';

import { verifyCheckpoint } from '../../src/sigstore/checkpoint.ts';
import type { TrustedLog } from '../../src/sigstore/trusted-root.ts';
import { newKey } from './x509.ts';

const NAME = 'log.example.org';
const ROOT = Buffer.alloc(32, 9).toString('base64');
const key = newKey('ed25519');
const logId = createHash('sha256')
  .update(`${NAME}\n\u0001`)
  .update(key.spki.subarray(-32))
  .digest();
const log: TrustedLog = {
  logId: logId.toString('hex'),
  key: key.publicKey,
  name: NAME,
  validity: { startMs: 0, endMs: 1 },
};

function note(text: string, by = key, name = NAME): string {
  const signature = sign(null, Buffer.from(text), by.privateKey);
  const line = Buffer.concat([logId.subarray(0, 4), signature]).toString('base64');
  return `${text}\n\u2014 ${name} ${line}\n`;
}

const good = `${NAME}\n42\n${ROOT}\n`;

test('size and root of a signed checkpoint are read, with lines of its own and of witnesses', () => {
  const witness = `\u2014 witness.example ${Buffer.alloc(76, 1).toString('base64')}\n`;
  const [text = '', lines = ''] = note(`${good}extension\n`).split('\n\n');

  const checkpoint = verifyCheckpoint(`${text}\n\n${witness}${lines}`, log);

  assert.deepEqual(checkpoint, { size: 42, root: Buffer.alloc(32, 9) });
});

describe('refused', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['without signatures', good],
    ['signed by another key under the same id', note(good, newKey('ed25519'))],
    ['under another name', note(good, key, 'other.example')],
    ['of another origin', note(good.replace(NAME, 'other.example'))],
    ['without origin', note(`42\n${ROOT}\n`)],
    ['with a size that is not canonical', note(good.replace('42', '042'))],
    ['with a root of another length', note(good.replace(ROOT, 'AAAA'))],
    ['changed after it was signed', note(good).replace('\n42\n', '\n43\n')],
    ['cut off', note(good).slice(0, -1)],
    ['with a line that is no signature', `${note(good)}nonsense\n`],
  ];
  for (const [name, text] of cases) {
    test(name, () => {
      assert.throws(() => verifyCheckpoint(text, log), { code: 'ARTIFACT_LOG_ENTRY_INVALID' });
    });
  }
});
