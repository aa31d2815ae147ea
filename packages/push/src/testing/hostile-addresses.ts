/** What a name may resolve to that is not for the outside to have called (A053). */
export const NOT_PUBLIC_ADDRESSES: readonly string[] = [
  '127.0.0.1',
  '10.0.0.7',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.1.1',
  '0.0.0.0',
  '224.0.0.1',
  '::',
  '::1',
  'fd00::1',
  'fe80::1',
  '64:ff9b::7f00:1',
  '::ffff:127.0.0.1',
  '2002:7f00:1::',
];

/** Addresses that lead elsewhere than to the public host that they seem to name, or in another way than by TLS (A054, A162). */
export const hostileUrls = (host: string): readonly (readonly [what: string, url: string])[] => [
  ['http', `http://${host}/x`],
  ['a metadata service', 'http://169.254.169.254/latest/meta-data'],
  ['a metadata service by TLS', 'https://169.254.169.254/latest/meta-data'],
  ['this machine by name', 'https://localhost/x'],
  ['this machine by number', 'https://127.0.0.1/x'],
  ['this machine by one number', 'https://2130706433/x'],
  ['this machine by a number of base 16', 'https://0x7f.1/x'],
  ['this machine in IPv6', 'https://[::1]/x'],
  ['this machine as nobody', 'https://0.0.0.0/x'],
  ['IPv4 inside IPv6', 'https://[::ffff:10.0.0.1]/x'],
  ['a private network', 'https://192.168.1.1/x'],
  ['a user name', `https://user@${host}/x`],
  ['a file', 'file:///etc/passwd'],
  ['gopher', `gopher://${host}/x`],
];
