import type { TreeDocument } from './tree.ts';

/** A node instance as stored: its type and its settings as given. */
export interface NodeDocument {
  readonly id: string;
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A node as a realm keeps it, whether a tree uses it or not. */
export interface StoredNode extends NodeDocument {
  readonly realm: string;
}

/** A published tree with everything it needs to run; versions never change. */
export interface PublishedTree {
  readonly realm: string;
  readonly name: string;
  readonly version: number;
  readonly tree: TreeDocument;
  readonly nodes: Readonly<Record<string, NodeDocument>>;
}

/** An app that may use the passkeys of a realm. */
export interface AndroidApp {
  readonly packageName: string;
  /** SHA-256 of the certificates that it may be signed with, in upper case with colons. */
  readonly certificateDigests: readonly string[];
}

/** What a session has to show, in AM's words (AM: "Environment conditions"). */
export type PolicyCondition =
  | { readonly type: 'AuthLevel'; readonly authLevel: number }
  | { readonly type: 'AuthenticateToService'; readonly authenticateToService: string }
  /** One access for one approval: the user runs the journey `strategySpecifier` for each. */
  | { readonly type: 'Transaction'; readonly authenticationStrategy: string; readonly strategySpecifier: string };

/** Who may do what with which resources. */
export interface Policy {
  readonly name: string;
  readonly active: boolean;
  /** The policy set, which callers name. */
  readonly applicationName: string;
  /** Patterns of addresses. */
  readonly resources: readonly string[];
  /** Methods of HTTP, and whether they are allowed. */
  readonly actionValues: Readonly<Record<string, boolean>>;
  /** A session of the realm is enough where absent. */
  readonly condition?: PolicyCondition | undefined;
}

/** Settings of a realm that journeys and sessions read. */
export interface RealmSettings {
  /** Path: `/` or `/alpha`. */
  readonly realm: string;
  readonly active: boolean;
  /** The tree that runs when none is named, and the one for administrators. */
  readonly defaultTree: string;
  readonly adminTree: string;
  /** Minutes. */
  readonly journeyMinutes: number;
  /** How long a journey rests at most for somebody to follow a link, where the node does not say. */
  readonly suspendedMinutes: number;
  readonly sessionMaxMinutes: number;
  readonly sessionIdleMinutes: number;
  readonly locale: string;
  readonly successUrl: string;
  readonly failureUrl: string;
  /** Where the links of suspended journeys lead; empty for our own login page. */
  readonly externalLoginPageUrl: string;
  /** Other names of the realm, which no other realm has: a word in place of the path, or a host name. */
  readonly aliases: readonly string[];
  readonly gotoDestinations: readonly string[];
  readonly numberDigits: number;
  /** Whether messages to phones name the user also where Google, Apple or Amazon can read them (security-reliability §7 "Minimisation"). */
  readonly nameInPushMessages: boolean;
  readonly maxDevices: number;
  /**
   * The host name that passkeys are made for (WebAuthn Level 3 §4 "RP ID"); empty for that of the server's public address. Passkeys of
   * another are none here: it is chosen once.
   */
  readonly relyingPartyId: string;
  /** Whether whoever signed in by another factor is offered a passkey, or gets one without a question where the browser makes it so. */
  readonly passkeyUpgrade: 'off' | 'offer' | 'quiet';
  readonly corsOrigins: readonly string[];
  /** Headers that pages of those origins may send, and those of the answers that they may read. */
  readonly corsAcceptedHeaders: readonly string[];
  readonly corsExposedHeaders: readonly string[];
  /** Apps that may use the passkeys of the realm; Apple's as `team.bundle`. */
  readonly androidApps: readonly AndroidApp[];
  readonly appleApps: readonly string[];
  readonly hideTokenInBody: boolean;
  /** Who is told when a user says that somebody else asks for a sign-in: addresses for mail, and webhooks of the realm by name (SEC-26). */
  readonly alertMail: readonly string[];
  readonly alertWebhooks: readonly string[];
  /** Whether what a check of its trees finds is an error, all of it, or as bad as it is by itself. */
  readonly treeFindings: 'warn' | 'error';
  /** What applications are told a user is: an id that no other user ever gets, the name, or AM's form of it. */
  readonly oidcSubject: 'id' | 'username' | 'am';
  /** The claims of access tokens that are JWTs: those of RFC 9068, or those of AM. */
  readonly accessTokenProfile: 'rfc9068' | 'am';
  /** By which attributes users are found at once; by others one after the other is looked at (OPS-24). */
  readonly indexedAttributes: readonly string[];
  /** What people see on our pages; empty for the name of the realm itself. */
  readonly brandName: string;
  /** A picture as a `data:` URI; empty for our mark. */
  readonly brandLogo: string;
  /** `#rrggbb`; empty for our colour. */
  readonly brandColor: string;
  /** Rules for new passwords (SEC-55): how many characters they have at least, whether those that many have are refused, and words of the
   * organisation that make no password. */
  readonly passwordMinLength: number;
  readonly passwordBlocklist: boolean;
  readonly passwordForbiddenWords: readonly string[];
  /** Whether administrators give a reason whenever they change the account of another user, or take a factor away (SEC-54). */
  readonly reasonsRequired: boolean;
  /** Whether what would change how journeys run waits until another administrator approves it (ADR 118). */
  readonly fourEyes: boolean;
  /** The journeys that callers may start, by name; all but inner ones where the list is empty. */
  readonly startableJourneys: readonly string[];
  /** The journey for an advice that asks for an authentication level, by the highest level that the journey reaches. */
  readonly authLevelJourneys: Readonly<Record<string, string>>;
  readonly policies: readonly Policy[];
  /** By resource, members of AM's that nothing here uses; they go out as they came in. */
  readonly kept?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A realm service as AM's REST shapes it: `pushNotification`, `authenticatorPushService`, … */
export interface ServiceDocument {
  readonly realm: string;
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A script of a realm, as AM's REST shapes it (spec: journeys-rest §6.5). */
export interface ScriptDocument {
  readonly realm: string;
  /** A UUID. */
  readonly id: string;
  /** No other script of the realm has it. */
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** What kind of script it is; AM's word, kept as given. */
  readonly context: string;
  readonly evaluatorVersion: '1.0' | '2.0';
  /** AM's word for it, kept as given. */
  readonly language: string;
  readonly default: boolean;
  /**
   * Members that this server has no use for, such as what a library exports, and another name for the engine; they go out as they came.
   */
  readonly kept?: Readonly<Record<string, unknown>>;
  readonly createdBy: string;
  readonly creationDate: number;
  readonly lastModifiedBy: string;
  readonly lastModifiedDate: number;
}

/** An OAuth 2.0 client of a realm (spec: oidc §3.2). */
export interface ClientDocument {
  readonly realm: string;
  readonly id: string;
  /** As AM's REST shapes it, kept whole, but for its secret. */
  readonly document: Readonly<Record<string, unknown>>;
  /**
   * HMAC-SHA-256 of the secret under a key of the server, base64url (OIDC-14), with how it was made and the secret that it replaces, as the server
   * writes it; absent where the client has none.
   */
  readonly secretDigest?: string;
  /**
   * The generations of the client, one text: of its own tokens, of what users granted, and of their consents. Each is random, and new where what was
   * issued under it ends. Absent for clients from before there were generations. It is never part of the document.
   */
  readonly generation?: string;
}

/**
 * Configuration in force, without realms that are switched off and what belongs to them. Reads are from memory; an instance reloads when the
 * stored version moves on.
 */
export interface Configuration {
  realm(path: string): RealmSettings | undefined;
  realms(): readonly RealmSettings[];
  /** The newest published version. */
  tree(realm: string, name: string): PublishedTree | undefined;
  /** A certain version: journeys under way finish on theirs. */
  treeVersion(realm: string, name: string, version: number): Promise<PublishedTree | undefined>;
  service(realm: string, type: string): ServiceDocument | undefined;
  script(realm: string, id: string): ScriptDocument | undefined;
  scripts(realm: string): readonly ScriptDocument[];
}

/** What a store keeps of the configuration; it changes by `configuration.change` alone. */
export interface ConfigurationReader {
  /** Grows with every configuration change, by whichever instance. */
  version(): Promise<number>;
  /** Everything that is in force. What has not changed since `earlier` was loaded is not read: the result has the same objects. */
  load(earlier?: ConfigurationSnapshot): Promise<ConfigurationSnapshot>;
  /** All nodes, likewise: only those who administer read them. */
  loadNodes(earlier?: NodesSnapshot): Promise<NodesSnapshot>;
  loadTree(realm: string, name: string, version: number): Promise<PublishedTree | undefined>;
  isBeingDeleted(realm: string): Promise<boolean>;
}

export interface ConfigurationSnapshot {
  readonly version: number;
  /**
   * Paths of realms that were created or deleted since the earlier snapshot: nothing that was known of the path is of the realm that has it now.
   * Undefined where everything was read.
   */
  readonly emptied: readonly string[] | undefined;
  readonly realms: readonly RealmSettings[];
  /** The newest version of each tree that is not deleted. */
  readonly trees: readonly PublishedTree[];
  readonly services: readonly ServiceDocument[];
  readonly scripts: readonly ScriptDocument[];
  readonly clients: readonly ClientDocument[];
}

export interface NodesSnapshot {
  /** The version of the configuration that the nodes belong to. */
  readonly version: number;
  readonly nodes: readonly StoredNode[];
}

/** A change of the configuration that waits for a second administrator, where a realm asks for four eyes (ADR 118). */
export interface Proposal {
  readonly id: string;
  readonly realm: string;
  /** The id of the user who has proposed it. */
  readonly proposer: string;
  /** What is to be done, as JSON text; sealed at rest. */
  readonly document: string;
  /** Milliseconds. */
  readonly createdAt: number;
  /** From when on it is as if it were not there. Milliseconds. */
  readonly expiresAt: number;
}

/** How many proposals may wait in a realm, how many of them of one proposer, and how long the text of all of them may be, in bytes. */
export const MAX_PROPOSALS_OF_REALM = 100;
export const MAX_PROPOSALS_OF_PROPOSER = 20;
export const MAX_PROPOSED_BYTES_OF_REALM = 4 * 1024 * 1024;

export interface ProposalReader {
  get(realm: string, id: string): Promise<Proposal | undefined>;
  /** What waits in a realm at `now`, oldest first. */
  ofRealm(realm: string, now: number): Promise<readonly Proposal[]>;
}
