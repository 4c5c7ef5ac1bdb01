/**
 * Says whether an IP address is one that a model must never be led to by a name.
 *
 * Denied: this host, loopback, private, carrier-grade NAT, link-local (cloud metadata), other known
 * metadata addresses, multicast, reserved, documentation and benchmark ranges, and every IPv6 form
 * that embeds or tunnels IPv4 (mapped, NAT64, 6to4, Teredo), since the embedded address would be
 * the one that is reached. Source of the ranges: IANA special-purpose address registries.
 *
 * @module
 */
import { BlockList, isIP } from 'node:net';

const DENIED_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;

const DENIED_V6 = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

const denied = new BlockList();
const deniedV6 = new BlockList();
for (const [network, prefix] of DENIED_V4) denied.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of DENIED_V6) deniedV6.addSubnet(network, prefix, 'ipv6');

/**
 * True unless `address` is an ordinary public address that is not one of `ownAddresses`. What is not
 * an IP address at all counts as denied.
 */
export function isDeniedAddress(address: string, ownAddresses: readonly string[]): boolean {
  const plain = address.split('%')[0] ?? '';
  if (ownAddresses.some((own) => own.split('%')[0] === plain)) return true;
  switch (isIP(plain)) {
    case 4:
      return denied.check(plain, 'ipv4');
    case 6:
      return deniedV6.check(plain, 'ipv6');
    default:
      return true;
  }
}
