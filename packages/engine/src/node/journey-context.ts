import type { AnsweredBackChannel } from '../model/back-channels.ts';
import type { FailureReason } from '../model/errors.ts';
import type { Identity } from '../model/identities.ts';
import type { JourneyCookie } from '../model/journey-cookies.ts';
import type { FactorDevice, FollowedLink, ProofMethod, SentCodeMethod } from '../model/proven-factors.ts';
import type { Handover } from '../state/handover.ts';
import type { AuditDetail } from './action.ts';

/** Where a node has sent a code. */
export interface SentCodeNote {
  readonly method: SentCodeMethod;
  readonly code: string;
  /** The attributes of the user that hold the address, that of the address itself first; none where the address is not one of the user's. */
  readonly addressIn: readonly string[];
  /** The value of the first of these attributes. */
  readonly value: string;
  /** The whole address that the code went to: that value, with the carrier of a phone number. */
  readonly to: string;
}

/** An address that a user only claims, and the attribute that holds it. */
export interface ClaimedAddress {
  readonly attribute: string;
  readonly address: string;
}

/** Whose proof it is. Without a name, what the journey has earned under a name goes (docs/adr/0138). */
export type ProvenUser = Pick<Identity, 'id'> & Partial<Pick<Identity, 'username'>>;

/** What a node may say about the journey as a whole; `Method` is what its definition says that it proves. */
export interface JourneyContext<Method extends ProofMethod = never> {
  readonly id: string;
  readonly tree: string;
  /** When the journey ends by itself, milliseconds. */
  readonly expiresAt: number;
  /** The back channel that started the journey, where one did. */
  readonly backChannel: AnsweredBackChannel | undefined;
  /**
   * The user that this node has identified; the last one wins. Where the journey was about another user before, or named another when it earned
   * them, the level of authentication and the properties that it would have given to the session go.
   */
  identify(identity: Identity): void;
  /** Id of the identified user, where a node has identified one. */
  readonly identifiedUser: string | undefined;
  /**
   * Binds the journey to the user whom this node has looked up by a value that was typed, such as a mail address: until a node identifies a
   * user, the journey looks up and signs in this one alone (docs/adr/0138). It has no effect where a node has identified or bound a user before.
   */
  bindTo(user: Pick<Identity, 'id' | 'username' | 'credentialRev'>): void;
  /** Id of the user that the journey is bound to; undefined where it is bound to none, or a node has identified one since. */
  readonly boundUser: string | undefined;
  /** Which of that user's credentials the journey goes by, see `Identity.credentialRev`; at its end, those that it has set. */
  readonly credentialRev: number | undefined;
  /** Identifies the user by name, looked up when the journey succeeds; a name that nobody has then fails it. */
  identifyByName(username: string): void;
  /**
   * Says that this node has just proven something of a user, for the session's `AuthFactors` and, by the name that it has
   * there, for its `NodeType` (spec: oidc §1.5; nodes-mfa §1, rule 9). It counts if the journey signs in that very user, and no
   * state says so (docs/adr/0042). A method that is not among what the definition `proves` fails the node. It binds the journey to the user, as
   * {@link bindTo} does. Where a device of the user proved it, name the device: a later submit ends the journey if the user no longer has it
   * (docs/adr/0147).
   */
  prove(user: ProvenUser, method: Method, nodeType?: string, device?: FactorDevice): void;
  /**
   * Says that the code which this user has just shown was sent to the user, by the method that is returned: by mail, the lesser proof, where it was
   * sent both ways. Nothing is proven, and `undefined` returned, where this very code was sent to that user by neither. Otherwise as {@link prove}.
   */
  proveSentCode(user: ProvenUser, code: string): SentCodeMethod | undefined;
  /** Adds to `NodeType` how a user came in, where that proves nothing to applications; and the device that was just stored, where that is how. */
  addNodeType(user: Pick<Identity, 'id'>, name: string, device?: FactorDevice): void;
  /** What `NodeType` would say now of that user. */
  nodeTypesOf(user: Pick<Identity, 'id'>): readonly string[];
  /**
   * Notes where a code was sent; no user where the journey does not know one. A node which asks for the code proves only what was noted here,
   * because scripts can write the code to state. A code proves nothing if it was sent, before or after, to an address that is not the user's, or
   * that was changed by the password alone in the last 7 days; nor if it was sent to a claimed address and to another one.
   */
  noteSentCode(user: Pick<Identity, 'id' | 'attributes'> | undefined, sent: SentCodeNote): void;
  /**
   * Whether these attributes hold an address of the user: one that an administrator or an import has set, or that a code or a link has proven, and
   * that was not changed by the password alone in the last 7 days.
   */
  ownsAddress(user: Pick<Identity, 'attributes'>, addressIn: readonly string[]): boolean;
  /** Notes the mailed link that was followed. If the journey signs its user in, the browser is known to the limits of mails (docs/adr/0137). */
  noteFollowedLink(link: FollowedLink): void;
  /** Whether the newest code of its kind is this one and went to an address of this user, also where that proves nothing to others. */
  isCodeToOwnAddress(user: Pick<Identity, 'id'>, code: string): boolean;
  /**
   * Refuses the mailed link that was just followed, as a link that is over: it went to an address that its user no longer has. The journey ends, and
   * the audit log has it.
   */
  refuseLink(): never;
  /**
   * Whether the newest code of its kind is this one and went to an address that this user had then and no longer has. One such address is enough:
   * its reader may have the code.
   */
  isCodeToFormerAddress(user: Pick<Identity, 'id' | 'attributes'>, code: string): boolean;
  /** Whether the newest code of its kind is this one and was sent for another user than this one, or for two. */
  isCodeOfOther(user: Pick<Identity, 'id'> | undefined, code: string): boolean;
  /** Whether the last code that went to an address of a user by this method went to this one, and the user is another, or no longer has it. */
  isAddressOfOther(
    user: Pick<Identity, 'id' | 'attributes'> | undefined,
    method: SentCodeMethod,
    address: string,
  ): boolean;
  /**
   * The claimed address that the code proves: the one address that it went to. None where that address was changed by the password alone in the
   * last 7 days, also after the code was sent (docs/adr/0136).
   */
  addressOfSentCode(user: Pick<Identity, 'id' | 'attributes'>, code: string): ClaimedAddress | undefined;
  /** A name that belongs to the system fails the node. */
  setSessionProperty(name: string, value: string): void;
  /** The session will not have it, whether this journey or the one before it set it. */
  removeSessionProperty(name: string): void;
  /** A webhook of the realm is called when the session ends, whatever ends it; once, however often it is named. */
  addLogoutWebhook(name: string): void;
  /** How long the session may last, in minutes; before the settings of the tree and the realm, after those of the user. */
  setMaxSessionMinutes(minutes: number): void;
  setMaxIdleMinutes(minutes: number): void;
  /** What the client reads if the journey ends in Failure. */
  setErrorMessage(text: string): void;
  /** What the client reads if the account turns out to be locked or not in use. */
  setLockoutMessage(text: string): void;
  /**
   * Members of the body if the journey succeeds, each as JSON text or as a text of its own; none takes the place of what
   * success says itself.
   */
  addSuccessDetails(details: Readonly<Record<string, string>>): void;
  /** Members of the body that are read from properties of the session, by the member's name; a property that is not there gives none. */
  addSuccessProperties(properties: Readonly<Record<string, string>>): void;
  /** Members of `detail` if the journey ends in Failure. */
  addFailureDetails(details: Readonly<Record<string, string>>): void;
  /**
   * Why the journey fails, if it reaches Failure in the answer to this very request. Our own page shows it, and only where this is the user
   * whom the journey has identified: it says what the account has.
   */
  explainFailure(user: Pick<Identity, 'id'>, reason: FailureReason): void;
  /** Goes with the answer to this request, be it a step or success; a name that the server uses itself fails the node. */
  setCookie(cookie: JourneyCookie): void;
  /**
   * A challenge for whoever answers what the node now sends: 32 bytes, in base64url without padding (RFC 4648 §5). It belongs to
   * this visit of this node, no other node and no script sees it, and it ends with the visit (WA-01, docs/adr/0120).
   */
  newChallenge(): string;
  /** The challenge of this visit; undefined before the node has made one. */
  readonly challenge: string | undefined;
  /**
   * Leaves to another node of this journey what this one has verified of a user, in place of what was left of that kind before. Unlike
   * state it is seen and written by nodes alone (docs/adr/0122). It stays for as long as the journey does, unless a node takes it over or
   * identifies another user. More than 32 KiB of a journey fails the node.
   */
  handOver<T>(kind: Handover<T>, user: Pick<Identity, 'id' | 'username'>, value: T): void;
  /** What was left of that kind for that very user. */
  handedOver<T>(kind: Handover<T>, user: Pick<Identity, 'id'>): T | undefined;
  /** The same thing, and whoever it was left for, nobody finds it any more: of all who ask, one gets it. */
  takeOver<T>(kind: Handover<T>, user: Pick<Identity, 'id'>): T | undefined;
  /**
   * Suspends the journey at the step that the node now sends, and returns the link that resumes it: once, and within
   * that many minutes, or the realm's. The node then runs again with `resumed`.
   */
  suspend(minutes?: number): string;
  /** One row of the audit trail, written by this request's commit. */
  audit(event: string, detail?: AuditDetail): void;
  /**
   * A guess was wrong, or came too early: `factor` names what was to be proven. It is written down whatever becomes of the
   * request (SEC-56); what counts guesses is the `throttle` port. A guess that came while guesses are locked is none of those
   * that were looked at: `locked` says so.
   */
  auditRefusal(factor: string, reason?: 'wrong' | 'locked'): void;
}
