import type { SentCallback } from '../callbacks/callback.ts';
import type { SubmittedCallback } from '../callbacks/callback-matching.ts';
import type { JourneyLog, WalkTurns } from '../execution/execution-context.ts';
import type { JourneyObserver } from '../execution/journey-observer.ts';
import type { BackChannelReader } from '../model/back-channels.ts';
import type { Clock } from '../model/clock.ts';
import type { Configuration, RealmSettings } from '../model/configuration.ts';
import type { IdentityDirectory } from '../model/identities.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import type { JourneySessionReader } from '../model/journey-sessions.ts';
import type { Random } from '../model/random.ts';
import type { Session } from '../model/sessions.ts';
import type { BrowserKnownBy, BrowserOwner, ThrottleReader } from '../model/throttle.ts';
import type { Presentation } from '../node/action.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import type { PlaceholderSource } from '../node/placeholders.ts';
import type { TextCatalogue } from '../node/text-catalogue.ts';
import type { Change, Committer } from '../unit-of-work/changes.ts';
import type { Bindings, UnitOfWork } from '../unit-of-work/unit-of-work.ts';

/** What the caller of a first step asked for beside the tree. */
export interface JourneyParameters {
  readonly goto?: string;
  readonly gotoOnFail?: string;
  readonly noSession?: boolean;
  readonly forceAuth?: boolean;
  readonly locale?: string;
}

/** Which version of each inner tree a journey keeps to. */
export type InnerVersions = Readonly<Record<string, number>>;

/** What an authId says: which journey, and which step of it. Signed by `wire`, secret to nobody. */
export interface JourneyReference {
  readonly realm: string;
  readonly tree: string;
  readonly treeVersion: number;
  readonly journeyId: string;
  readonly nonce: string;
  readonly expiresAt: number;
  /** Present on a first step that is stored nowhere: what the start was given. */
  readonly start?: JourneyParameters;
  /** On the same: the inner trees that the start went into. */
  readonly innerVersions?: InnerVersions;
  /** Hash of the browser's binding cookie, where it has one (SEC-42). */
  readonly binding?: string;
}

export interface StartRequest {
  readonly realm: string;
  /** The realm's default tree where absent. */
  readonly tree?: string;
  /** A session with this level or a higher one serves, whichever journey has made the session. */
  readonly authLevel?: number;
  readonly parameters: JourneyParameters;
  readonly binding?: string;
  readonly request: JourneyRequest;
}

export interface ContinueRequest {
  /** From the path; must be the realm of the reference. */
  readonly realm: string;
  readonly reference: JourneyReference;
  /** Absent: the current step is sent again and nothing moves. */
  readonly callbacks?: readonly SubmittedCallback[];
  /** No session at the end: whichever request of a journey says so, it counts. */
  readonly noSession?: boolean;
  readonly request: JourneyRequest;
}

/** Where a journey stands, for those who watch it from outside. */
export interface JourneyStatus {
  readonly journeyId: string;
  /** Shared state; no secret is in it. */
  readonly shared: Readonly<Record<string, unknown>>;
  /** The user who has proved to be that, where somebody has. */
  readonly identifiedUser?: string;
}

/** Wakes a suspended journey. */
export interface ResumeRequest {
  /** From the path; must be the realm of the journey. */
  readonly realm: string;
  readonly suspendedId: string;
  /** As with any other request of the journey. */
  readonly noSession?: boolean;
  /** Of the browser that followed the link, which may be another than the one that began. */
  readonly binding?: string;
  readonly request: JourneyRequest;
}

/** Starts the journey that another one has asked for. */
export interface BackChannelStart {
  /** From the path; must be the realm of the journey that asked. */
  readonly realm: string;
  readonly id: string;
  readonly parameters: JourneyParameters;
  readonly binding?: string;
  readonly request: JourneyRequest;
}

/** What the body of success says itself: no node may add a member of that name (spec: journeys-rest §7.19). */
export const SUCCESS_MEMBERS: ReadonlySet<string> = new Set(['tokenId', 'successUrl', 'realm']);

/**
 * A browser that is known to be a user's from this sign-in on, for as long as the user has these credentials, and the addresses that made it known.
 */
export interface RememberedBrowser extends BrowserOwner {
  /** All that makes it known; a second factor stands alone, since it covers the others. */
  readonly by: readonly BrowserKnownBy[];
  /** The attributes with the addresses that links and codes went to; none where no link or code makes it known. */
  readonly addressIn: readonly string[];
}

export type JourneyAnswer =
  | {
      readonly kind: 'step';
      readonly reference: JourneyReference;
      readonly callbacks: readonly SentCallback[];
      readonly presentation: Presentation;
      readonly cookies?: readonly JourneyCookie[];
    }
  | {
      readonly kind: 'success';
      readonly realm: RealmSettings;
      readonly successUrl: string;
      /** Absent where no session was asked for, and where the caller's own session already serves. */
      readonly created?: { readonly token: string; readonly session: Session };
      /** Absent where the browser does not become known to be the user's, nor is so already. */
      readonly remembered?: RememberedBrowser;
      readonly existing?: Session;
      /** Members that nodes add to the body. */
      readonly details?: Readonly<Record<string, unknown>>;
      readonly cookies?: readonly JourneyCookie[];
    };

/** How many journeys those at one address have begun, and not finished (A098). A first step that is stored nowhere is no beginning. */
export interface Beginnings {
  /** In how many seconds one more may begin there; 0 where it may now. */
  wait(clientAddress: string): number;
  begun(clientAddress: string): void;
  /** One of them has signed its user in. */
  finished(clientAddress: string): void;
}

export interface KnownPlaces {
  readonly throttles: ThrottleReader;
  /** Whether the user has a second factor, with what this unit of work has written. */
  hasSecondFactor(unit: UnitOfWork, userId: string): Promise<boolean>;
}

/** What the journeys stand on; bound at the composition root. */
export interface JourneyDependencies {
  readonly configuration: Configuration;
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly bindings: Bindings;
  /** Absent where settings have no placeholders. */
  readonly placeholderValue?: PlaceholderSource;
  readonly committer: Committer;
  readonly journeySessions: Pick<JourneySessionReader, 'get'>;
  readonly backChannels: BackChannelReader;
  readonly identities: IdentityDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly texts: TextCatalogue;
  readonly log: JourneyLog;
  readonly observer?: JourneyObserver;
  /** Bounds what those can store who begin journeys and do not finish them; absent where nothing does. */
  readonly beginnings?: Beginnings;
  /** What browsers that become known to be a user's are counted by (SEC-86, SEC-87); absent where none does. */
  readonly knownPlaces?: KnownPlaces;
  /** Called where a request begins; what it gives waits for the next even time since then. Absent where nobody looks at a clock. */
  readonly evenTimes?: () => () => Promise<void>;
  /** Where large pages and long walks wait for each other; absent where they do not. */
  readonly walkTurns?: WalkTurns;
  /** A new opaque session token and its hash. */
  newToken(): { readonly token: string; readonly tokenHash: string };
  /** SHA-256 of a secret of our own making, long enough that nobody guesses it: what is kept of the id in a link. */
  digest(text: string): string;
  /**
   * A code by a key that is sealed at rest, for telling an identical retry from another submit. People choose what is in
   * there: passwords, PINs, answers. An unkeyed digest of it could be guessed at as fast as a machine hashes (SEC-55).
   * `like` is one to compare with, which may be by a key that was replaced since: the code is by the same.
   */
  submitCode(text: string, like?: string): string;
  /** Whether a `goto` may be followed (SEC-64). */
  isAllowedRedirect(url: string, realm: RealmSettings): boolean;
  /** Where a person goes to wake a suspended journey. */
  resumeLink(journey: { readonly realm: string; readonly tree: string; readonly suspendedId: string }): string;
  /** Names that no node may set a cookie by. */
  isReservedCookie(name: string): boolean;
  /** What else must go with a journey that ends without success, such as its open messages. */
  changesAtEnd?(journeyId: string): readonly Change[];
}
