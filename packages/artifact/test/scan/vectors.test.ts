import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { inspect, rules } from './outcome.ts';

interface Vector {
  readonly name: string;
  readonly file: string;
  readonly bytes: string;
  readonly format: string;
  readonly verdict: string;
  readonly rules: readonly string[];
}

const VECTORS = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../../vectors/scan/files.json'), 'utf8'),
) as Vector[];

describe('vectors/scan/files.json', () => {
  for (const vector of VECTORS) {
    test(vector.name, () => {
      const content = Buffer.from(vector.bytes, 'base64');
      const { format, verdict } = inspect(vector.file, content);

      assert.deepEqual({ format, verdict }, { format: vector.format, verdict: vector.verdict });
      assert.equal(rules(vector.file, content), vector.rules.join(' '));
    });
  }
});
