import type { AnsweredBackChannel } from './back-channels.ts';
import type { SentCallback } from './callbacks/callback.ts';
import type { InnerVersions, JourneyParameters } from './journey-requests.ts';
import type { Presentation } from './node-definition.ts';
import type { SessionWishes } from './sessions.ts';

/** State of a journey between two requests; the JSON text of it is what a {@link JourneySession} keeps. */
export interface StoredState {
  readonly shared: Record<string, unknown>;
  readonly secure: Record<string, unknown>;
  readonly node: string;
  readonly sent: readonly SentCallback[];
  readonly presentation: Presentation;
  readonly parameters: JourneyParameters;
  readonly identity?: string;
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
  'shared' | 'secure' | 'wishes' | 'visited' | 'settings' | 'hidden' | 'innerVersions' | 'backChannel'
> & {
  readonly identity?: string;
};
