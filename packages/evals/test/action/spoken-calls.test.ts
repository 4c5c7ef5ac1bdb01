import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { spokenParts } from '../../src/action/spoken-calls.ts';

describe('spokenParts()', () => {
  test('prose without marks stays one piece', () => {
    const text = 'I looked at it: the action was fine.';
    assert.deepEqual(spokenParts(text), [{ kind: 'say', text }]);
  });

  test('reads ReAct, bracketed and spoken calls with their observations', () => {
    assert.deepEqual(
      spokenParts('Thought: send it\nAction: send_email\nAction Input: {"to":"a@b.example"}'),
      [
        { kind: 'say', text: 'send it' },
        { kind: 'call', tool: 'send_email', args: '{"to":"a@b.example"}' },
      ],
    );
    assert.deepEqual(
      spokenParts('[Action]: I will call the BankTool with the params as None;[Observation]: paid'),
      [
        { kind: 'call', tool: 'BankTool', args: 'None' },
        { kind: 'result', text: 'paid' },
      ],
    );
    const [inline] = spokenParts('Action: TerminalExecute: {"command": "rm -rf /"}');
    assert.ok(inline?.kind === 'call' && inline.tool === 'TerminalExecute');
  });

  test('an action nobody can name is still a call', () => {
    const [part] = spokenParts('Action: open the gate');
    assert.deepEqual(part, { kind: 'call', tool: 'action', args: 'open the gate' });
  });

  test('never throws and never invents text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('Action:', '[Observation]:', '\n', 'x', 'Action Input:', '{"a":1}', ';'),
          { maxLength: 30 },
        ),
        (pieces) => {
          const text = pieces.join(' ');
          for (const part of spokenParts(text)) {
            assert.ok(text.includes(part.kind === 'call' ? part.args : part.text));
          }
        },
      ),
    );
  });
});
