import assert from 'node:assert/strict';
import { test } from 'node:test';

import { zip } from '../archive-bytes.ts';
import { inspect, rules } from '../outcome.ts';
import { bytes, global, proto } from '../pickle-bytes.ts';

function archive(code: string): Buffer {
  return zip([
    { name: 'm/data.pkl', data: bytes(proto(2), global('__torch__.M', 'Net'), ')', 0x81, '}b.') },
    { name: 'm/constants.pkl', data: bytes(proto(2), ').') },
    { name: 'm/code/__torch__/M.py', data: Buffer.from(code) },
  ]);
}

test('J-1 operators that touch files block; ordinary code and its classes are clean', () => {
  assert.equal(rules('m.pt', archive('def forward(self, x):\n  return torch.relu(x)\n')), '');
  assert.equal(rules('m.pt', archive('import os\n')), 'J-1');
  assert.equal(rules('m.pt', archive('from os import system\n')), 'J-1');
  assert.equal(rules('m.pt', archive('import __torch__.N\ny = self.eval(x)\n')), '');
  assert.equal(inspect('m.pt', archive('')).format, 'torchscript');
  for (const code of [
    'torch.from_file("/etc/hostname")',
    'ops.aten.from_file("x")',
    'torch.save(x, "y")',
    'ops.image.read_file("x")',
    '__import__("os")',
    'eval("1")',
  ]) {
    assert.equal(rules('m.pt', archive(`def forward(self, x):\n  y = ${code}\n`)), 'J-1', code);
  }
});

test('P-1 classes of TorchScript are allowed only in a TorchScript archive', () => {
  assert.equal(
    rules('m.pkl', bytes(proto(2), global('__torch__.M', 'Net'), ')', 0x81, '.')),
    'P-1',
  );
});
