import type { UsedSession } from '../execution/used-sessions.ts';
import type { AnsweredBackChannel } from '../model/back-channels.ts';
import { foldUsername } from '../model/identities.ts';
import type { JourneySession, JourneyUser } from '../model/journey-sessions.ts';
import type { FollowedLink, NewestCodes, ProvenFactor, SentCode } from '../model/proven-factors.ts';
import type { SessionOptions } from '../model/sessions.ts';
import type { HandedOver } from '../state/handover.ts';
import { sizeOfValue } from '../state/state-size.ts';
import type { CredentialVersion } from '../unit-of-work/credential-version.ts';
import type { InnerVersions, JourneyParameters } from './journey-requests.ts';
import { readShownStep, type ShownStep, type WrittenStep, writeShownStep } from './shown-steps.ts';

/** State of a journey between two requests, as a {@link JourneySession} keeps it beside the step that it showed. */
export interface StoredState {
  readonly shared: Record<string, unknown>;
  readonly secure: Record<string, unknown>;
  readonly node: string;
  readonly parameters: JourneyParameters;
  readonly identity?: string | undefined;
  /** Id of the user that the journey is bound to; absent where it is bound to none. */
  readonly boundUser?: string | undefined;
  /** Once the journey has met its user. */
  readonly credential?: CredentialVersion | undefined;
  /** The folded name under which the journey has earned something; absent where it has not, or knew its user. */
  readonly earnedFor?: string | undefined;
  /** The factors that were proven so far; absent where none was. */
  readonly factors?: readonly ProvenFactor[] | undefined;
  /** The codes that were sent; absent where none was. */
  readonly sentCodes?: readonly SentCode[] | undefined;
  /** For whom the newest code was sent, by each way; absent where none was. */
  readonly newestCodes?: NewestCodes | undefined;
  /** The mailed link that was followed last; absent where none was. */
  readonly followedLink?: FollowedLink | undefined;
  /** The sessions of callers that nodes have read; absent where none was. */
  readonly usedSessions?: readonly UsedSession[] | undefined;
  /** What nodes have sent to be signed, by node; absent where none has. */
  readonly challenges?: Readonly<Record<string, string>> | undefined;
  /** What nodes have left to others, by kind; absent where none has. */
  readonly handedOver?: Readonly<Record<string, HandedOver>> | undefined;
  readonly sessionOptions: SessionOptions;
  readonly visited: readonly string[];
  /** Of wrapped nodes, by name. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /** The nodes that wait in inner trees, outermost first. */
  readonly inner?: readonly string[] | undefined;
  /** Secrets that the inner trees may not see, by level. */
  readonly hidden?: readonly Record<string, unknown>[] | undefined;
  readonly innerVersions?: InnerVersions | undefined;
  /** The one that started this journey. */
  readonly backChannel?: AnsweredBackChannel | undefined;
  /** Present where only the link moves the journey on. */
  readonly suspended?: true | undefined;
}

/** What of it a run begins with; a first step has none of it. */
export type Carried = Pick<
  StoredState,
  | 'shared'
  | 'secure'
  | 'identity'
  | 'boundUser'
  | 'credential'
  | 'earnedFor'
  | 'factors'
  | 'sentCodes'
  | 'newestCodes'
  | 'followedLink'
  | 'usedSessions'
  | 'challenges'
  | 'handedOver'
  | 'sessionOptions'
  | 'visited'
  | 'settings'
  | 'hidden'
  | 'innerVersions'
  | 'backChannel'
>;

/** Sizes of what was carried, measured once for each row that the store keeps: a poll reads one row again and again. */
const sizes = new WeakMap<Carried, number>();

/** How much a journey has kept so far, all members counted. */
export const sizeOfCarried = (carried: Carried): number => {
  let size = sizes.get(carried);
  if (size === undefined) {
    size = sizeOfValue(carried);
    sizes.set(carried, size);
  }
  return size;
};

/** What the row of a journey says. */
export interface Stored {
  readonly step: ShownStep;
  readonly state: StoredState;
}

/** Two JSON texts, a line each, since the step is the larger part and often the same; `step` is that step as it will be read again. */
export const writeState = (shown: ShownStep, state: StoredState): WrittenStep => {
  const { text, step } = writeShownStep(shown);
  return { text: `${text}\n${JSON.stringify(state)}`, step };
};

/**
 * What rows say, for as long as the store keeps them: a poll reads one row again and again, and to parse it each time takes a
 * tenth of a poll. What was written is read back from its text, since a node may still hold what it has put there.
 */
const readings = new WeakMap<Pick<JourneySession, 'state'>, Stored>();

/** What a row says; the same row gives the same objects, which nobody changes. */
export const readStored = (row: Pick<JourneySession, 'state'>): Stored => {
  let stored = readings.get(row);
  if (stored === undefined) {
    stored = { step: readStep(row.state), state: readState(row.state) };
    readings.set(row, stored);
  }
  return stored;
};

const readStep = (text: string): ShownStep => {
  const end = text.indexOf('\n');
  return readShownStep(end < 0 ? text : text.slice(0, end));
};

/** What the session options were called in journeys that are stored since before they had that name. */
const FORMER_SESSION_OPTIONS = 'wishes';

type FormerState = StoredState & { readonly [FORMER_SESSION_OPTIONS]?: SessionOptions };

/** A text of one line has all in one object: that of a journey from before there were two. */
const readState = (text: string): StoredState => {
  const state = JSON.parse(text.slice(text.indexOf('\n') + 1)) as FormerState;
  const { [FORMER_SESSION_OPTIONS]: sessionOptions, ...rest } = state;
  return sessionOptions === undefined ? state : { ...rest, sessionOptions };
};

/** Whether the state of a journey knows the user: by the id wherever it stands, or by a name that stands in it as the user's. */
export const knowsUser = (text: string, { id, username }: Pick<JourneyUser, 'id' | 'username'>): boolean => {
  if (text.includes(JSON.stringify(id))) return true;
  const { username: named, objectAttributes } = readState(text).shared;
  const folded = foldUsername(username);
  return [named, memberOf(objectAttributes, 'userName')].some(
    (it) => typeof it === 'string' && foldUsername(it) === folded,
  );
};

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
