/**
 * Where the attacks happen: a data folder of their own in which the main job was done.
 *
 * @module
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openSealedStore } from '@proofmark/artifact/trust';
import type { SealedStore } from '@proofmark/artifact';
import type { AliasRow, GatePolicy } from '@proofmark/registry';

import type { RouteDocument } from '../config/document.ts';
import type { CommandContext } from '../context.ts';
import { createDataFolder, dataFolder } from '../data-folder.ts';
import { CliError } from '../errors.ts';
import { initialise } from '../initialise.ts';
import { openInstallation } from '../installation.ts';
import type { Installation } from '../installation.ts';
import { chooseModel } from '../model-choice.ts';
import type { ModelChoice } from '../model-choice.ts';
import { shipDemo } from '../ship/demo.ts';
import { firstRoute } from '../ship/first-route.ts';
import type { Steps } from '../ship/steps.ts';

/** The promoted model and everything around it, free to be tampered with. */
export interface Laboratory {
  readonly installation: Installation;
  readonly route: RouteDocument;
  readonly policy: GatePolicy;
  readonly model: ModelChoice;
  /** What the route serves before any attack. */
  readonly release: AliasRow;
  readonly context: CommandContext;
  /** A new copy of the model folder. */
  copyOfModel(): string;
  /** A new sealed store with the bytes of the release. */
  copyOfSealed(): SealedStore;
}

/**
 * Does the main job in a folder of its own, runs `work`, removes everything.
 *
 * With `from` it works on a copy of that data folder, so that nothing is tested twice.
 *
 * @throws {CliError} CLI_DATA_FOLDER when `from` is no data folder; those of the main job
 */
export async function withLaboratory<T>(
  context: CommandContext,
  options: { readonly from: string | null; readonly steps: Steps },
  work: (laboratory: Laboratory) => Promise<T>,
): Promise<T> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'proofmark-attacks-'));
  try {
    const root = path.join(scratch, 'data');
    if (options.from === null) initialise(createDataFolder(root), 'demo');
    else copyDataFolder(options.from, root);
    const installation = await openInstallation(root, {
      clock: context.clock,
      onLogFailure: (error) => context.output.note(error.message),
    });
    try {
      const model = chooseModel({ cwd: context.cwd });
      await shipDemo(context, installation, { model, steps: options.steps });
      return await work(await furnish({ installation, model, context }, scratch));
    } finally {
      await installation.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function furnish(
  parts: Pick<Laboratory, 'installation' | 'model' | 'context'>,
  scratch: string,
): Promise<Laboratory> {
  const { installation, model } = parts;
  const route = firstRoute(installation);
  const policy = installation.config.policies.get(route.environment);
  const release = await installation.registry.store.alias(route.environment, route.alias);
  if (policy === undefined || release === null) {
    throw new CliError(
      'CLI_STEP_FAILED',
      `cannot attack: nothing is promoted to ${route.environment}/${route.alias}`,
    );
  }
  let copies = 0;
  const copy = (source: string): string => {
    copies += 1;
    const folder = path.join(scratch, `copy-${copies}`);
    cpSync(source, folder, { recursive: true });
    return folder;
  };
  return {
    ...parts,
    route,
    policy,
    release,
    copyOfModel: () => copy(model.folder),
    copyOfSealed: () => openSealedStore(copy(installation.folder.sealed)),
  };
}

/** Sockets of a folder that something serves from are not copied. */
function copyDataFolder(from: string, root: string): void {
  const source = dataFolder(from);
  if (!existsSync(source.config)) {
    throw new CliError(
      'CLI_DATA_FOLDER',
      `cannot copy ${source.root}: it is no data folder; leave --from out, or name the folder of an earlier proofmark up --demo`,
    );
  }
  const inRun = `${source.run}${path.sep}`;
  cpSync(source.root, root, { recursive: true, filter: (file) => !file.startsWith(inRun) });
}
