/**
 * Reads the `host:port` of a CONNECT request into one canonical form.
 *
 * The text is attacker-controlled. A host is canonicalised by the WHATWG URL parser, which also
 * unmasks numeric forms (`2130706433`, `0x7f.1` are 127.0.0.1); exactly one trailing dot is dropped;
 * only ASCII letters, digits, dots, hyphens and underscores remain. The port is always explicit.
 *
 * @module
 */
import { isIP } from 'node:net';

export type Authority =
  | { readonly kind: 'name'; readonly host: string; readonly port: number }
  | { readonly kind: 'address'; readonly host: string; readonly port: number }
  | { readonly kind: 'bad' };

const SHAPE = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/;
const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/;
const BAD: Authority = { kind: 'bad' };

/** Law: reading `host:port` of a result again gives the same result. */
export function readAuthority(text: string): Authority {
  const [, rawHost, rawPort] = SHAPE.exec(text) ?? [];
  if (rawHost === undefined || rawPort === undefined) return BAD;
  const port = Number(rawPort);
  if (port < 1 || port > 65535) return BAD;
  const host = canonicalHost(rawHost);
  if (host === null) return BAD;
  if (isIP(host) !== 0) return { kind: 'address', host, port };
  return NAME.test(host) ? { kind: 'name', host, port } : BAD;
}

function canonicalHost(raw: string): string | null {
  const url = URL.parse(`http://${raw}/`);
  if (url === null || url.username !== '' || url.port !== '' || url.pathname !== '/') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return host === '' || host.endsWith('.') ? null : host;
}
