/**
 * Which addresses requests may go to, and which may see credentials.
 *
 * A registry names other addresses itself: a token service, an upload, a place to download from. It
 * may be hostile, or its answers forged by who can write to it; so tokens and passwords stay with
 * the host they are for, bytes to upload too, and a public registry never leads into the network
 * the client stands in.
 *
 * @module
 */
import { OciError } from './errors.ts';

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/;
const LITERAL_ADDRESS = /^(?:\d+(?:\.\d+){0,3}|\[.*\]|localhost)$/;

/** Token services that serve a registry under another name. */
const KNOWN_REALMS: ReadonlyMap<string, string> = new Map([
  ['registry-1.docker.io', 'auth.docker.io'],
]);

/** The address of a registry: https, and plain http for loopback or where the caller insists. */
export function registryUrl(host: string, plainHttp: boolean): URL {
  const url = new URL(`https://${host === 'docker.io' ? 'registry-1.docker.io' : host}`);
  return plainHttp || LOOPBACK.test(url.hostname) ? new URL(`http://${host}`) : url;
}

/** An upload address must stay with its registry. @throws {OciError} OCI_REDIRECT_REFUSED */
export function uploadUrl(location: string | null, base: URL): URL {
  const url = resolve(location, base);
  if (url.origin !== base.origin) throw refused('an upload would go to another host');
  return url;
}

/** A download may go elsewhere, without credentials. @throws {OciError} OCI_REDIRECT_REFUSED */
export function downloadUrl(location: string | null, base: URL): URL {
  const url = resolve(location, base);
  if (url.origin !== base.origin) requirePublic(url, base, 'a download');
  return url;
}

/**
 * A token service; `withCredentials` also needs it to be the registry's own.
 *
 * @throws {OciError} OCI_REDIRECT_REFUSED
 */
export function realmUrl(realm: string, base: URL, withCredentials: boolean): URL {
  const url = resolve(realm, base);
  if (url.origin !== base.origin) requirePublic(url, base, 'a token request');
  if (withCredentials && !isOwnRealm(url, base)) {
    throw refused('its token service is on a foreign host, which credentials are not sent to');
  }
  return url;
}

/** The same host, one that it is part of or that is part of it, or a pair that is known. */
function isOwnRealm(realm: URL, base: URL): boolean {
  const { hostname: own } = base;
  const { hostname: other } = realm;
  if (realm.host === base.host || KNOWN_REALMS.get(own) === other) return true;
  if (LITERAL_ADDRESS.test(own) || LITERAL_ADDRESS.test(other) || !other.includes('.'))
    return false;
  return other.endsWith(`.${own}`) || own.endsWith(`.${other}`);
}

function requirePublic(url: URL, base: URL, what: string): void {
  if (LOOPBACK.test(base.hostname) && LOOPBACK.test(url.hostname)) return;
  if (url.protocol !== 'https:') throw refused(`${what} would not be encrypted`);
  if (LITERAL_ADDRESS.test(url.hostname)) throw refused(`${what} would go to a bare address`);
}

function resolve(location: string | null, base: URL): URL {
  if (location === null || !URL.canParse(location, base.href)) throw refused('it names no address');
  const url = new URL(location, base);
  if (url.username !== '' || url.password !== '') throw refused('an address has credentials');
  return url;
}

function refused(why: string): OciError {
  return new OciError('OCI_REDIRECT_REFUSED', `cannot use the registry: ${why}`);
}
