/**
 * Opens what an OCI reference names, with the credentials that belong to it.
 *
 * Credentials come from PROOFMARK_REGISTRY_USER and PROOFMARK_REGISTRY_PASSWORD, else from Docker's
 * configuration; never from an argument.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { findCredentials, layoutStore, registryStore } from '@proofmark/oci';
import type { ContentStore, Credentials, OciReference } from '@proofmark/oci';

import type { CommandContext } from './context.ts';
import { CliError } from './errors.ts';

export interface StoreOptions {
  readonly access: 'pull' | 'pull,push';
  readonly plainHttp: boolean;
  /** Another repository of the same registry whose blobs need no upload. */
  readonly mountFrom?: string;
}

type Outside = Pick<CommandContext, 'cwd' | 'environment' | 'signal'>;

export function openStore(
  reference: OciReference,
  { access, plainHttp, mountFrom }: StoreOptions,
  outside: Outside,
): ContentStore {
  if (reference.kind === 'layout') return layoutStore(path.resolve(outside.cwd, reference.folder));
  const { host, repository } = reference;
  const credentials = readCredentials(host, outside);
  const mount = mountFrom === undefined ? {} : { mountFrom };
  const { signal } = outside;
  return registryStore({ host, repository, credentials, access, plainHttp, signal, ...mount });
}

/** @throws {CliError} CLI_USAGE when half is given, {OciError} OCI_ACCESS_DENIED */
export function readCredentials(
  host: string,
  { environment }: Pick<Outside, 'environment'>,
): Credentials | null {
  const username = environment('PROOFMARK_REGISTRY_USER') ?? '';
  const password = environment('PROOFMARK_REGISTRY_PASSWORD') ?? '';
  if ((username === '') !== (password === '')) {
    throw new CliError(
      'CLI_USAGE',
      'cannot use the registry: set both PROOFMARK_REGISTRY_USER and PROOFMARK_REGISTRY_PASSWORD',
    );
  }
  if (username !== '') return { username, password, identityToken: null };
  const home = environment('HOME');
  const folder = environment('DOCKER_CONFIG') ?? (home && path.join(home, '.docker'));
  const file = folder === undefined || folder === '' ? null : path.join(folder, 'config.json');
  if (file === null || !existsSync(file)) return null;
  return findCredentials(readFileSync(file, 'utf8'), host);
}
