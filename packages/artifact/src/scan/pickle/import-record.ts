/**
 * The imports that one pickle makes, judged against the allowlist (requirements P-1, P-2).
 *
 * Each denied import becomes one finding, whether or not it is called; the first call that was seen
 * makes the message say what would run.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import type { Inspection } from '../inspection.ts';
import { ALLOWED_IMPORTS, PYTHON2_MODULES } from './allowlist.ts';
import type { CallRule } from './call-rule.ts';
import { knownEffect } from './known-effect.ts';
import type { Global, Value } from './value.ts';
import { describe } from './value.ts';

interface Denied {
  readonly module: string;
  readonly name: string;
  readonly offset: number;
  call: string | null;
}

const MAX_DENIED = 1000;

export class ImportRecord {
  readonly #inspection: Inspection;
  readonly #script: boolean;
  readonly #denied = new Map<string, Denied>();
  #imports = 0;

  /** In a TorchScript archive `__torch__` names its own classes, which Python never imports. */
  constructor(inspection: Inspection) {
    this.#inspection = inspection;
    this.#script = inspection.place.within === 'torchscript';
  }

  /** How many imports the stream made so far, allowed ones included. */
  get count(): number {
    return this.#imports;
  }

  get denied(): number {
    return this.#denied.size;
  }

  /** Whether one of the denied imports is of a module that is known to run code. */
  get hasKnownEffect(): boolean {
    return [...this.#denied.values()].some((denied) => knownEffect(denied.module) !== null);
  }

  add(module: string, name: string, offset: number): Global {
    this.#imports += 1;
    const rule = this.#rule(module, name);
    const key = `${module}:${name}`;
    if (rule === null && !this.#denied.has(key) && this.#denied.size < MAX_DENIED) {
      this.#denied.set(key, { module, name, offset, call: null });
    }
    return { kind: 'global', module: PYTHON2_MODULES.get(module) ?? module, name, rule };
  }

  called(global: Global, args: Value): void {
    for (const module of [global.module, ...aliases(global.module)]) {
      const denied = this.#denied.get(`${module}:${global.name}`);
      if (denied !== undefined && denied.call === null) denied.call = describe(args);
    }
  }

  /** Writes the findings. Call it once, also after a fault. */
  report(): void {
    for (const { module, name, offset, call } of this.#denied.values()) {
      const what = `${excerpt(module)}.${excerpt(name)}`;
      const does = call === null ? `imports ${what}` : `calls ${what}${call.slice(0, 120)}`;
      const effect = knownEffect(module) ?? 'is not on the allowlist of imports';
      const id = name.includes('.') ? 'P-2' : 'P-1';
      this.#inspection.report(id, `loading this file ${does}, which ${effect}`, offset);
    }
  }

  #rule(module: string, name: string): CallRule | null {
    const key = `${PYTHON2_MODULES.get(module) ?? module}:${name}`;
    if (this.#script && module.startsWith('__torch__')) return 'any';
    if (this.#inspection.job.folder.allowImports.has(key)) return 'any';
    return ALLOWED_IMPORTS.get(key) ?? null;
  }
}

function aliases(module: string): string[] {
  return [...PYTHON2_MODULES].filter(([, now]) => now === module).map(([old]) => old);
}
