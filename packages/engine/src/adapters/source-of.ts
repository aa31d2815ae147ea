const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;
/** Groups of the part of an IPv6 address that a provider gives to one customer: the first 64 bits. */
const GROUPS_OF_CUSTOMER = 4;

/** What stands for whatever is no address: all of that is one source. */
const NO_ADDRESS = 'unknown';

/** The eight groups of an IPv6 address; undefined for anything else. */
const groupsOf = (address: string): readonly number[] | undefined => {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(asGroups)));
  const missing = GROUPS - head.length - tail.length;
  if (halves.length === 2 ? missing < 0 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return groups.every((group) => GROUP.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined;
};

/** An IPv4 address at the end of an IPv6 one stands for its last two groups. */
const asGroups = (part: string): readonly string[] => {
  if (!IPV4.test(part)) return [part];
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
  return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
};

/** Some gateways write a port behind the address that they pass on (RFC 7239 §6). */
const withoutPort = (address: string): string =>
  /^\[([^\]]*)\](?::\d{1,5})?$/.exec(address)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(address)?.[1] ?? address;

/**
 * By what a caller's limits are counted: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address of it has
 * all (SEC-56). Always short, whatever a proxy says.
 */
export const sourceOf = (given: string): string => {
  const address = withoutPort(given);
  if (IPV4.test(address)) return address;
  const groups = groupsOf(address.split('%', 1)[0] ?? '');
  if (groups === undefined) return NO_ADDRESS;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMapped)
    return `${groups
      .slice(0, GROUPS_OF_CUSTOMER)
      .map((group) => group.toString(16))
      .join(':')}::/64`;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
};
