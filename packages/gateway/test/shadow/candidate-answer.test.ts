import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

import { PII } from '@proofmark/evals';

import { GatewayError } from '../../src/errors.ts';
import { compileGeneration } from '../../src/generation.ts';
import { bindGuardrail } from '../../src/guard/guardrail-binding.ts';
import type { GuardrailBinding } from '../../src/guard/guardrail-binding.ts';
import { askCandidate } from '../../src/shadow/candidate-answer.ts';
import { SHADOW_LIMITS } from '../../src/shadow/lane.ts';
import { ConnectionPool } from '../../src/upstream/connection-pool.ts';
import { SECRET, answering, connectTo, modelServer, testRoute } from '../world.ts';
import type { Model } from '../world.ts';

async function ask(
  model: Model,
  { stream = false, guardrails = [] as readonly GuardrailBinding[] } = {},
): Promise<string> {
  const socket = path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-shadow-')), 'c.sock');
  const server = await modelServer(model, socket);
  const upstream = { connect: () => connectTo(socket) };
  const { routes } = compileGeneration(
    { routes: [testRoute(upstream, { guardrails })], tenants: [] },
    SECRET,
    0,
  );
  const pool = new ConnectionPool(upstream);
  const lease = pool.acquire(1);
  const [route] = routes;
  assert.ok(lease && route);
  try {
    return await askCandidate(lease, {
      route,
      body: Buffer.from(JSON.stringify({ model: 'support', stream })),
      stream,
      task: 'Where is my order?',
      asked: 'Where is my order?',
      traceparent: '',
      limits: SHADOW_LIMITS,
      signal: new AbortController().signal,
    });
  } finally {
    await pool.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('the text of a candidate', () => {
  test('is that of its first choice, whole or streamed', async () => {
    assert.equal(await ask(answering('It is on its way.')), 'It is on its way.');
    assert.equal(await ask(answering('It is on its way.'), { stream: true }), 'It is on its way.');
  });

  test('of a tool call is nothing: nobody executes it', async () => {
    const calling: Model = (_body, { response }) => {
      const call = { id: 'c', type: 'function', function: { name: 'delete_all', arguments: '{}' } };
      const message = { role: 'assistant', content: null, tool_calls: [call] };
      const choices = [{ index: 0, message, finish_reason: 'tool_calls' }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ id: 'x', object: 'chat.completion', model: 'support', choices }),
      );
    };

    assert.equal(await ask(calling), '');
  });

  test('is redacted as a live answer is', async () => {
    const pii = bindGuardrail(
      { id: 'pii', stage: 'output', action: 'redact' },
      new PII(),
      (text) => ({ text }),
    );

    const text = await ask(answering('Write to jane@example.com.'), { guardrails: [pii] });

    assert.doesNotMatch(text, /jane@example\.com/);
  });

  test('that a live route would have blocked is no answer', async () => {
    const pii = bindGuardrail(
      { id: 'pii', stage: 'output', action: 'block' },
      new PII(),
      (text) => ({ text }),
    );

    await assert.rejects(
      ask(answering('Write to jane@example.com.'), { guardrails: [pii] }),
      (error) => error instanceof GatewayError && error.code === 'GATEWAY_GUARDRAIL_BLOCKED',
    );
  });

  test('that breaks off in the middle of a stream is no answer', async () => {
    const cut: Model = (_body, { response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end();
    };

    await assert.rejects(ask(cut, { stream: true }), GatewayError);
  });
});
