import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unpromotedServed } from '../../src/rules/unpromoted.ts';
import { DIGEST, MINUTE, NOW, requests, route, served, viewOf } from '../facts.ts';

const promoted = new Map([[route.id, new Set([DIGEST])]]);

test('answers of the promoted digest raise nothing', () => {
  assert.deepEqual(unpromotedServed.evaluate(viewOf(requests([served()]), promoted)), []);
});

test('one answer of another digest under the same name and version is bad at once', () => {
  const debug = served({ route: { ...route, manifestDigest: 'd'.repeat(64) } });

  const [finding] = unpromotedServed.evaluate(viewOf(requests([served(), debug]), promoted));

  assert.equal(unpromotedServed.forMs, 0);
  assert.equal(finding?.state, 'bad');
  assert.equal(finding.labels['digest'], 'd'.repeat(64));
  assert.match(finding.summary, /1 requests .*support-assistant@1\.2\.0/);
});

test('a digest that is promoted on another route is not promoted here', () => {
  const elsewhere = new Map([['other', new Set([DIGEST])]]);

  assert.equal(unpromotedServed.evaluate(viewOf(requests([served()]), elsewhere))[0]?.state, 'bad');
});

test('not knowing what is promoted is no_data, and no traffic is nothing', () => {
  assert.equal(unpromotedServed.evaluate(viewOf(requests([served()]), null))[0]?.state, 'no_data');
  assert.deepEqual(unpromotedServed.evaluate(viewOf([], null)), []);
  const old = served({ startedAtMs: NOW - 10 * MINUTE });
  assert.deepEqual(unpromotedServed.evaluate(viewOf(requests([old]), null)), []);
});
