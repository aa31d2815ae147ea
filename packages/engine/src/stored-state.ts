import type { AnsweredBackChannel } from './back-channels.ts';
import { isEmptyRecord } from './bare-record.ts';
import type { CredentialStamp } from './credential-stamp.ts';
import type { InnerVersions, JourneyParameters } from './journey-requests.ts';
import type { JourneySession } from './journey-sessions.ts';
import type { SessionWishes } from './sessions.ts';
import { readShownStep, type ShownStep, writeShownStep } from './shown-steps.ts';

/** State of a journey between two requests, as a {@link JourneySession} keeps it beside the step that it showed. */
export interface StoredState {
  readonly shared: Record<string, unknown>;
  readonly secure: Record<string, unknown>;
  readonly node: string;
  readonly parameters: JourneyParameters;
  readonly identity?: string;
  /** Once the journey has met its user. */
  readonly credential?: CredentialStamp;
  readonly wishes: SessionWishes;
  readonly visited: readonly string[];
  /** Of wrapped nodes, by name. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The nodes that wait in inner trees, outermost first. */
  readonly inner?: readonly string[];
  /** Secrets that the inner trees may not see, by level. */
  readonly hidden?: readonly Record<string, unknown>[];
  readonly innerVersions?: InnerVersions;
  /** The one that started this journey. */
  readonly backChannel?: AnsweredBackChannel;
  /** Present where only the link moves the journey on. */
  readonly suspended?: true;
}

/** What of it a run begins with; a first step has none of it. */
export type Carried = Pick<
  StoredState,
  | 'shared'
  | 'secure'
  | 'identity'
  | 'credential'
  | 'wishes'
  | 'visited'
  | 'settings'
  | 'hidden'
  | 'innerVersions'
  | 'backChannel'
>;

/** A state with what it has; its text says nothing of the rest. */
export type StateToWrite = { readonly [Member in keyof StoredState]: StoredState[Member] | undefined };

/**
 * Two JSON texts, a line each: what the step showed, which is the larger part and often the same, and where the journey
 * stands. `step` is that step as it will be read again.
 */
export const writeState = (
  shown: ShownStep,
  state: StateToWrite,
): { readonly text: string; readonly step: ShownStep } => {
  const { text, step } = writeShownStep(shown);
  return { text: `${text}\n${JSON.stringify(state)}`, step };
};

export const readStep = (text: string): ShownStep => {
  const end = text.indexOf('\n');
  return readShownStep(end < 0 ? text : text.slice(0, end));
};

/** A journey that waits is asked for again and again where it stands; a flood of others only empties what is remembered. */
const MOST_REMEMBERED = 512;
const remembered = new Map<string, { readonly text: string; readonly state: StoredState }>();

/**
 * Where a stored journey stands: the same object, which nobody changes, for as long as it is remembered. A state with
 * secrets is not, so that they are in memory for no longer than a request; nor is one with values that a node could change
 * where they are.
 */
export const stateOf = ({ nonce, state: text }: Pick<JourneySession, 'nonce' | 'state'>): StoredState => {
  const known = remembered.get(nonce);
  if (known?.text === text) return known.state;
  const state = readState(text);
  if (isEmptyRecord(state.secure) && !state.hidden?.length && isFlat(state.shared)) {
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(nonce, { text, state });
  }
  return state;
};

const isFlat = (values: Readonly<Record<string, unknown>>): boolean =>
  Object.values(values).every((value) => typeof value !== 'object' || value === null);

/** A text of one line has all in one object: that of a journey from before there were two. */
export const readState = (text: string): StoredState => JSON.parse(text.slice(text.indexOf('\n') + 1)) as StoredState;
