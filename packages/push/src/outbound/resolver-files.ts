import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** How `/etc/resolv.conf` completes the name of a host. */
export interface SearchRules {
  /** Domains that are appended to a name, in their order. */
  readonly domains: readonly string[];
  /** A name with fewer dots is tried with the domains before it is tried as it is. */
  readonly ndots: number;
}

/** glibc has no bound since 2.26, and Kubernetes accepts 32 domains. */
const MAX_SEARCH_DOMAINS = 32;
/** As glibc has it. */
const MAX_NDOTS = 15;
const NO_RULES: SearchRules = { domains: [], ndots: 1 };

/** What is read from a file, again where it has changed. These files are small and local, so a look at their time costs some microseconds. */
const readFromFile = <T>(path: string, parse: (text: string) => T): (() => T) => {
  let mark: string | undefined;
  let held = parse('');
  return () => {
    try {
      const found = statSync(path, { throwIfNoEntry: false });
      const next = found === undefined ? '' : `${found.mtimeMs} ${found.size} ${found.ino}`;
      if (next === mark) return held;
      held = parse(found === undefined ? '' : readFileSync(path, 'utf8'));
      mark = next;
    } catch {
      // A file that cannot be read now leaves what was read before.
    }
    return held;
  };
};

const wordsOf = (text: string, comment: RegExp): readonly (readonly string[])[] =>
  text.split('\n').map((line) => line.replace(comment, '').trim().split(/\s+/));

/** The addresses of names as the hosts file lists them. */
export const hostsFile = (path: string): (() => ReadonlyMap<string, readonly string[]>) =>
  readFromFile(path, (text) => {
    const addresses = new Map<string, string[]>();
    for (const [address = '', ...names] of wordsOf(text, /#.*/)) {
      if (isIP(address) === 0) continue;
      for (const name of names) {
        const listed = addresses.get(name.toLowerCase());
        if (listed === undefined) addresses.set(name.toLowerCase(), [address]);
        else if (!listed.includes(address)) listed.push(address);
      }
    }
    return addresses;
  });

/** The domain of this machine, which counts where the file names none. */
const ownDomain = (): string => hostname().split('.').slice(1).join('.');

/** The rules of resolv.conf(5): the last `search` or `domain` counts. */
export const searchRules = (path: string): (() => SearchRules) =>
  readFromFile(path, (text) => {
    let domains: readonly string[] = [ownDomain()];
    let { ndots } = NO_RULES;
    for (const [keyword, ...words] of wordsOf(text, /[#;].*/)) {
      if (keyword === 'search') domains = words;
      if (keyword === 'domain') domains = words.slice(0, 1);
      if (keyword !== 'options') continue;
      for (const word of words) {
        const given = /^ndots:(\d{1,3})$/.exec(word)?.[1];
        if (given !== undefined) ndots = Math.min(MAX_NDOTS, Number(given));
      }
    }
    const written = domains.map((domain) => domain.toLowerCase().split('.').filter(Boolean).join('.'));
    return { domains: written.filter((domain) => domain !== '').slice(0, MAX_SEARCH_DOMAINS), ndots };
  });

/** The full names that a name stands for, in the order in which they are asked for. */
export const fullNames = (name: string, { domains, ndots }: SearchRules): readonly string[] => {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const completed = domains.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...completed] : [...completed, name];
};
