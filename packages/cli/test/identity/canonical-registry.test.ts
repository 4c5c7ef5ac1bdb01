import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createPeople, signEvidence, writerOf } from '@proofmark/registry';
import {
  model,
  moveOf,
  openWorld,
  registration,
  scan,
  signers,
} from '@proofmark/registry/test/world';
import { decodeEntry } from '@proofmark/tlog';

import { canonicalRegistry } from '../../src/identity/canonical-registry.ts';

const people = createPeople([{ name: 'alice', logins: ['alice-laptop'], subjects: [], signs: [] }]);
assert.ok(!('twice' in people));

/**
 * What takes no actor: reads, what is signed with its actor in it, refusals, which are of nobody known,
 * and `recordAccess`, whose events are made of names that are canonical.
 */
const WITHOUT_ACTOR = [
  'recovered',
  'store',
  'search',
  'lineage',
  'decide',
  'liveAt',
  'exportDecision',
  'proof',
  'audit',
  'recordAccess',
  'recordRefusals',
  'refusals',
  'revokeTrust',
];

test('every write goes under the one name of the person; no method of the registry is forgotten', async () => {
  const world = await openWorld();
  const registry = canonicalRegistry(world.registry, people);
  const actor = 'alice-laptop';
  const at = { name: 'support-assistant', version: '1.0.0', actor };
  await registry.register(await registration('support-assistant', { actor }));
  await registry.registerAll([await registration('classifier', { actor })]);
  await registry.attach(await signEvidence('scan', scan(), model(), [signers.scanner]), actor);
  const other = await signEvidence('scan', scan(), model('classifier'), [signers.scanner]);
  await registry.attachAll([other], actor);
  await registry.mark({ ...at, kind: 'tag', key: 'reviewed', value: '' });
  await registry.setAlias({ ...at, environment: 'x', alias: 'staging', reason: 'r' });
  await registry.addBases({ ...at, bases: [{ source: 'operator', base: 'classifier@1.0.0' }] });
  await registry.promote({ ...moveOf(), actor });

  const told: string[] = [];
  for (const bytes of await world.log.entries(0, world.log.status().size)) {
    const entry = decodeEntry(bytes);
    told.push(`${entry.kind} ${await writerOf(world.store, entry)}`);
  }
  assert.deepEqual(told, [
    'version alice',
    'version alice',
    'evidence alice',
    'evidence alice',
    'mark alice',
    'alias alice',
    'base alice',
    'denial alice',
  ]);
  const same = Object.entries(registry).filter(
    ([name, value]) => Reflect.get(world.registry, name) === value,
  );
  assert.deepEqual(same.map(([name]) => name).toSorted(), WITHOUT_ACTOR.toSorted());
});
