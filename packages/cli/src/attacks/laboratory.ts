/**
 * Where the attacks happen: a data folder of their own in which the main job was done.
 *
 * @module
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { RouteDocument } from '../config/document.ts';
import type { CommandContext } from '../context.ts';
import { createDataFolder } from '../data-folder.ts';
import { initialise } from '../initialise.ts';
import { openInstallation } from '../installation.ts';
import type { Installation } from '../installation.ts';
import { chooseModel } from '../model-choice.ts';
import type { ModelChoice } from '../model-choice.ts';
import { firstRoute, shipDemo } from '../ship/demo.ts';
import type { Steps } from '../ship/steps.ts';

export interface Laboratory {
  readonly installation: Installation;
  readonly route: RouteDocument;
  readonly model: ModelChoice;
  readonly context: CommandContext;
  /** A new copy of the model folder that may be tampered with. */
  copyOfModel(): string;
}

/**
 * Does the main job in a folder of its own, runs `work`, removes everything.
 *
 * With `from` it works on a copy of that data folder, so that nothing is tested twice.
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
    else cpSync(options.from, root, { recursive: true, filter: (file) => !isRunning(file) });
    const installation = await openInstallation(root, {
      clock: context.clock,
      onLogFailure: (error) => context.output.note(error.message),
    });
    try {
      const model = chooseModel({ cwd: context.cwd });
      await shipDemo(context, installation, { model, steps: options.steps });
      let copies = 0;
      return await work({
        installation,
        model,
        context,
        route: firstRoute(installation),
        copyOfModel() {
          copies += 1;
          const folder = path.join(scratch, `model-${copies}`);
          cpSync(model.folder, folder, { recursive: true });
          return folder;
        },
      });
    } finally {
      await installation.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Sockets of a folder that something serves from are not copied. */
function isRunning(file: string): boolean {
  return file.includes(`${path.sep}run${path.sep}`);
}
