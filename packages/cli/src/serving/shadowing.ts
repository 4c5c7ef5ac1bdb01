/**
 * Everything about shadow runs in a process that serves: their store, their pairs, their candidates.
 *
 * @module
 */
import type { Gateway, ShadowLane, ShadowSink } from '@proofmark/gateway';
import { openShadowStore } from '@proofmark/server/store';

import type { Installation } from '../installation.ts';
import { findVersion } from '../reference.ts';
import { startShadow } from '../ship/shadow-run.ts';
import type { FollowerOptions, ShadowFollower } from './shadow-follower.ts';
import { followShadow } from './shadow-follower.ts';
import { createShadowWriter } from './shadow-pairs.ts';

export interface Shadowing {
  /** Takes the gateway's pairs. */
  readonly sink: ShadowSink;
  /** Runs the candidate of a route whenever a run is open there. */
  follow(
    gateway: Gateway,
    route: Omit<FollowerOptions, 'store' | 'tell' | 'setLane'>,
  ): Promise<void>;
  /** After the gateway was closed. */
  close(): Promise<void>;
}

export interface ShadowingOptions {
  readonly tell: (line: string) => void;
  readonly onLoss: (lost: number, why: string) => void;
  readonly actor: string;
}

export function openShadowing(installation: Installation, options: ShadowingOptions): Shadowing {
  const store = openShadowStore(installation.folder.root);
  const writer = createShadowWriter(store, options.onLoss);
  const followers: ShadowFollower[] = [];
  const lanes = new Map<string, ShadowLane>();
  const { tell, actor } = options;
  const startConfigured = async ({ route }: Pick<FollowerOptions, 'route'>): Promise<void> => {
    const { model, share } = route.shadow;
    if (model === undefined || (await store.open(route.id)) !== null) return;
    const row = await findVersion(installation.registry, model);
    const started = await startShadow(installation, { store, route, row, share, actor });
    if (started.outcome === 'started') return;
    const failed = started.move.decision.rules.filter((rule) => rule.outcome !== 'pass');
    tell(`shadow: ${model} may not shadow ${route.id}: ${failed.map((r) => r.code).join(', ')}`);
  };
  return {
    sink: writer,
    async follow(gateway, parts) {
      try {
        await startConfigured(parts);
      } catch (error) {
        tell(`shadow: ${error instanceof Error ? error.message : 'unknown cause'}`);
      }
      const setLane = (routeId: string, lane: ShadowLane | null): Promise<void> => {
        if (lane === null) lanes.delete(routeId);
        else lanes.set(routeId, lane);
        return gateway.setShadow(new Map(lanes));
      };
      followers.push(followShadow(installation, { ...parts, store, tell, setLane }));
    },
    async close() {
      await Promise.all(followers.map((follower) => follower.close()));
      await writer.close();
      store.close();
    },
  };
}
