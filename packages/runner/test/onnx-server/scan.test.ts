import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scanFolder } from '@proofmark/artifact';

import { temporaryFolder } from '../fixtures/sandbox.ts';
import type { LlamaGraphOptions } from './llama-graph.ts';
import { writeSmallFolder } from './onnx-folder.ts';
import { FLOAT, node, tensor } from './onnx-writer.ts';

test('the scanner passes a model that is served, and denies it with anything hostile in it', async (t) => {
  const ends = { inputs: ['logits'], outputs: ['more'] };
  const outside = { location: '../../etc/passwd', offset: 0, length: 4 };
  const additions: readonly (readonly [rule: string | null, LlamaGraphOptions['extra']])[] = [
    [null, {}],
    ['O-1', { initializers: [tensor('w', FLOAT, [1], outside)] }],
    ['O-2', { nodes: [node('Steal', ends, {}, 'com.example')] }],
    ['O-3', { initializers: [tensor('w', FLOAT, [2], new Uint8Array(4))] }],
    ['O-4', { nodes: [node('PyOp', ends, {}, 'ai.onnx.contrib')] }],
  ];
  for (const [rule, extra] of additions) {
    const options = { cache: true, positions: true, ...(extra === undefined ? {} : { extra }) };
    const { files, summary } = await scanFolder(writeSmallFolder(temporaryFolder(t), options));

    const rules = files.flatMap(({ findings }) => findings.map((finding) => finding.rule));
    assert.equal(summary.verdict === 'clean', rule === null);
    assert.ok(rule === null ? rules.length === 0 : rules.includes(rule), `${rule} in ${rules}`);
  }
});
