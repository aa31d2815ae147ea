import { isSealingKind, isSigningKind, type KeyKind, type KeyState, SEALING_KINDS, SIGNING_KINDS } from '@assent/store';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';
import { KeyWork, time } from './due-work.ts';
import { rotateMaster } from './rotate-master.ts';

export interface RotateOptions extends JsonOption {
  readonly oidc?: boolean;
  readonly realm: string;
  readonly master?: boolean;
  readonly newKeyFile?: string;
  readonly goodFor?: string;
  readonly now?: boolean;
}

type Given = RotateOptions & { readonly kinds: readonly string[] };

/** `assent key rotate`: makes the next keys, and lets them be used (SEC-75, SEC-76). */
export const rotateKeys = async (stored: Stored<Given>): Promise<ExitCode> => {
  const { options } = stored;
  const given = [options.oidc === true, options.master === true, options.kinds.length > 0].filter((it) => it).length;
  if (given !== 1) {
    throw new CliError(
      'USAGE',
      given === 0 ? 'Say which keys.' : 'One sort of keys at a time: kinds of the list, --oidc, or --master.',
      'assent key list, then assent key rotate auth-id, or --oidc, or --master',
    );
  }
  if (options.oidc === true) return rotateOidc(stored);
  return options.master === true ? rotateMaster(stored) : rotateKinds(stored);
};

/** Makes the next keys of a realm, and says from when each signs (spec: oidc §1.4). */
const rotateOidc = async ({ io, server, store, options }: Stored<Given>): Promise<ExitCode> => {
  const realm = realmPath(options.realm);
  const { realms } = await store.configuration.load();
  if (!realms.some((it) => it.realm === realm)) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(realm)}.`, 'assent realm list');
  }
  const keys = server.storedSigningKeys(store, io);
  const rotated = await keys.rotate(realm, {
    now: options.now === true,
    cause: { transactionId: io.randomUuid(), by: 'command line' },
  });
  if (options.json === true) {
    for (const { algorithm, kid, signsFrom } of rotated) {
      printJson(io, { key: { realm, algorithm, kid, signsFrom: time(signsFrom) } });
    }
    return EXIT.done;
  }
  io.stdout.write(`The next keys of the realm ${realm}:\n`);
  for (const { algorithm, kid, signsFrom } of rotated) {
    io.stdout.write(`  ${algorithm}  ${kid}  signs from ${time(signsFrom)}\n`);
  }
  io.stdout.write(
    options.now === true
      ? 'Servers that run sign with them within a second. Applications that keep the key set have to fetch it anew.\n'
      : 'Everybody is shown them from now on, and nobody has to do anything.\n',
  );
  io.stdout.write('What the keys before have signed stays good until it expires.\n');
  return EXIT.done;
};

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MAX_GOOD_FOR = 3_650 * UNITS.d;

const goodForOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const millis = Number(count) * (UNITS[unit as keyof typeof UNITS] ?? 0);
  if (!(millis > 0 && millis <= MAX_GOOD_FOR)) {
    throw new CliError('USAGE', `--good-for takes a time such as 90m, 12h or 7d, and not ${plainText(text)}.`);
  }
  return millis;
};

const kindsOf = (given: readonly string[]): readonly KeyKind[] => {
  const groups: Readonly<Record<string, readonly KeyKind[]>> = {
    sealing: SEALING_KINDS,
    all: [...SIGNING_KINDS, ...SEALING_KINDS],
  };
  const kinds = given.flatMap((name): readonly KeyKind[] => {
    const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
    const kind = [...SIGNING_KINDS, ...SEALING_KINDS].find((it) => it === name);
    if (group === undefined && kind === undefined) {
      throw new CliError(
        'USAGE',
        `There is no kind of key called ${plainText(name)}.`,
        `one of ${[...SIGNING_KINDS, ...SEALING_KINDS].join(', ')}, or sealing, or all`,
      );
    }
    return group ?? (kind === undefined ? [] : [kind]);
  });
  return [...new Set(kinds)];
};

/** As long as an instance is waited for that has not heard of a key: one that runs hears of it within seconds. */
const WAITED_MILLIS = 45_000;
const LOOK_MILLIS = 250;

const rotateKinds = async (stored: Stored<Given>): Promise<ExitCode> => {
  const { io, server, store, options } = stored;
  const kinds = kindsOf(options.kinds);
  const atOnce = options.now === true;
  const goodFor = goodForOf(options.goodFor);
  if (atOnce && goodFor !== undefined) {
    throw new CliError('USAGE', '--now ends what the keys before have signed at once: leave --good-for out.');
  }
  const work = new KeyWork(stored);
  const lives = server.keyLives(await store.configuration.load());
  const said = atOnce ? 0 : goodFor;
  const lifeOf = (kind: KeyKind): number => (isSigningKind(kind) ? lives[kind] : 0);
  // A server that never ran has made none of those that sign.
  for (const kind of kinds) if (isSigningKind(kind)) await store.keys.ring(kind);
  const next = new Map<KeyKind, KeyState>();
  for (const kind of kinds) {
    // Said with the key itself: a server may be the one that lets it be used.
    next.set(kind, await store.keys.announce(kind, { ...work.order(), ...(said !== undefined && { goodFor: said }) }));
  }
  const unheard = await activateAll(stored, work, { next, atOnce, lifeOf });
  const sealed = kinds.some(isSealingKind) ? await work.catchUp() : 0;
  for (const [kind, { id }] of next) {
    const waitsFor = unheard.get(kind);
    const status = waitsFor === undefined ? 'active' : 'next';
    if (options.json === true) printJson(io, { key: { kind, id: String(id), status, ...(waitsFor && { waitsFor }) } });
    else io.stdout.write(`${kind.padEnd(20)}  ${id}  ${waitsFor === undefined ? 'is in use' : 'is not in use yet'}\n`);
  }
  if (options.json === true) return unheard.size > 0 ? EXIT.no : EXIT.done;
  io.stdout.write(closing(kinds, unheard, { sealed, atOnce }));
  return unheard.size > 0 ? EXIT.no : EXIT.done;
};

const closing = (
  kinds: readonly KeyKind[],
  unheard: ReadonlyMap<KeyKind, readonly string[]>,
  { sealed, atOnce }: { readonly sealed: number; readonly atOnce: boolean },
): string => {
  const lines: string[] = [];
  if (unheard.size > 0) {
    const names = [...new Set([...unheard.values()].flat())].map(plainText).join(', ');
    lines.push(
      `These servers have not read the new keys: ${names}. They run an older version of Assent, or have another master key. Servers use the keys by themselves once all of them know.`,
    );
  }
  if (kinds.some(isSigningKind))
    lines.push(
      atOnce
        ? 'What the keys before have signed is refused from now on.'
        : 'What the keys before have signed stays good for as long as it lives; then they are retired.',
    );
  if (kinds.some(isSealingKind))
    lines.push(
      `${sealed} records were sealed anew here. Servers that run do the rest, and retire the keys before once nothing is left under them.`,
    );
  return `${lines.join('\n')}\n`;
};

interface Activations {
  readonly next: ReadonlyMap<KeyKind, KeyState>;
  readonly atOnce: boolean;
  readonly lifeOf: (kind: KeyKind) => number;
}

/** Lets each key be used, as soon as every server that runs knows it; who has not heard of which in time. */
const activateAll = async (
  { io, store }: Stored<Given>,
  work: KeyWork,
  { next, atOnce, lifeOf }: Activations,
): Promise<ReadonlyMap<KeyKind, readonly string[]>> => {
  const unheard = new Map<KeyKind, readonly string[]>();
  const waiting = new Set(next.keys());
  for (let waited = 0; ; waited += LOOK_MILLIS) {
    for (const kind of waiting) {
      const done = await store.keys.activate(kind, { ...work.order(), goodFor: lifeOf(kind), atOnce });
      if (typeof done === 'object') unheard.set(kind, done.waitsFor);
      else {
        // A server has done it meanwhile, where it is not the next one any more.
        waiting.delete(kind);
        unheard.delete(kind);
      }
    }
    if (waiting.size === 0 || waited >= WAITED_MILLIS) return unheard;
    await io.sleep(LOOK_MILLIS);
  }
};
