import { BlockList, isIP } from 'node:net';

/** Most characters of a URL: what practically every client and server on the web accepts. */
const MAX_URL_LENGTH = 2_048;

/**
 * IPv4 addresses that are not for the public
 * (https://www.iana.org/assignments/iana-ipv4-special-registry), multicast (RFC 5771), and the address
 * at which Azure serves its virtual machines
 * (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
 */
const specialIpv4 = /* @__PURE__ */ ranges('ipv4', [
  '0.0.0.0/8', // this network, unspecified
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure
  '169.254.0.0/16', // link-local, with the metadata services of the clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
]);

/** The IPv6 addresses in public use (https://www.iana.org/assignments/ipv6-address-space). */
const publicIpv6 = /* @__PURE__ */ ranges('ipv6', ['2000::/3']);

/**
 * Those of them that are special all the same, or lead to an IPv4 address
 * (https://www.iana.org/assignments/iana-ipv6-special-registry).
 */
const specialIpv6 = /* @__PURE__ */ ranges('ipv6', [
  '2001::/23', // protocol assignments, Teredo
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
]);

/**
 * Names that mean this machine or this network: RFC 6761, RFC 6762 with those of its appendix G, RFC 8375, ICANN's
 * `internal`, and what resolvers and clusters make of short names. Onion services (RFC 7686) are in no public DNS.
 */
const LOCAL_NAME =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|svc|home\.arpa|test|invalid|onion)$/;

/**
 * Why a text is not the https address of a public host, or undefined when it is one. Never quotes the
 * text. The URL is judged as it is written and never fetched: a public name may still lead to a private
 * address, so whoever fetches it must check the address it connects to.
 */
export function publicHttpsUrlProblem(text: string): string | undefined {
  const found = publicHttpsUrlFlaw(text);
  return found && `expected a public https URL, found ${found}`;
}

function publicHttpsUrlFlaw(text: string): string | undefined {
  if (text.length > MAX_URL_LENGTH) return `${text.length} characters, more than ${MAX_URL_LENGTH}`;
  if (/[\s\p{Cc}\\]/u.test(text)) return 'white space, a control character or a backslash in it';
  if (!/^https:\/\/[^/?#]/i.test(text) || !URL.canParse(text)) return 'something else';
  const { username, password, hostname } = new URL(text);
  if (username !== '' || password !== '') return 'credentials in it';
  return isPublicHost(hostname) ? undefined : 'a host that is not public';
}

/** Judges a host as the URL parser writes it: IPv4 in four decimals whatever the notation was, IPv6 in brackets. */
function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  switch (isIP(host)) {
    case 4:
      return !specialIpv4.check(host, 'ipv4');
    case 6:
      return publicIpv6.check(host, 'ipv6') && !specialIpv6.check(host, 'ipv6');
    default:
      return host.includes('.') && !LOCAL_NAME.test(host);
  }
}

function ranges(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of networks) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
