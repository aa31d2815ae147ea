import { timingSafeEqual } from 'node:crypto';
import type { Change } from '@assent/engine/host';
import type { OAuthClient } from '../model/clients.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import { ASSERTION_TYPE, checkAssertion, claimedClient } from './client-assertion.ts';
import { clientGuesses } from './client-guesses.ts';
import { ProofChanges } from './proof-changes.ts';
import { sourceMark } from './source-digest.ts';

type ProofPorts = Pick<
  ProviderPorts,
  'clients' | 'settings' | 'throttles' | 'committer' | 'clock' | 'digestOfSecret' | 'keysOfClient'
>;

export interface ProvenClient {
  readonly client: OAuthClient;
  /** Commits what the request changes, with what its proof does. */
  readonly proof: ProofChanges;
  /** Where it comes from, of a public client: anybody can say that they are one, and what they ask for is counted by that (OIDC-22). */
  readonly source?: string;
}

/** How a request says who its client is. */
type Proof =
  | { readonly kind: 'secret'; readonly clientId: string; readonly secret: string }
  | { readonly kind: 'assertion'; readonly clientId: string; readonly assertion: string }
  | { readonly kind: 'none'; readonly clientId: string };

/**
 * Who the client is, as it proves it (RFC 6749 §2.3): by its secret in the header or the form, by a JWT that it has signed, or, if it is
 * public, by its name alone. An unknown client is answered like a wrong secret, after the same work, and counted like one
 * (OIDC-14).
 */
const proveClient = async (ports: ProofPorts, http: OAuthRequest): Promise<ProvenClient> => {
  const proof = proofOf(http);
  const found = ports.clients.find(http.realm.realm, proof.clientId);
  const client = found?.isActive === true ? found : undefined;
  if (proof.kind === 'none' && client?.isPublic === true)
    return { client, proof: new ProofChanges(ports.committer), source: sourceMark(ports, http) };
  const right = await rightProof(ports, http, client, proof);
  // What cannot be guessed is never refused for the guesses of others at the same address, and needs no counter (SEC-96).
  if (client !== undefined && right?.isGuessable === false)
    return { client, proof: new ProofChanges(ports.committer, right.changes) };
  const guesses = await clientGuesses(ports, http, proof.clientId);
  if (guesses.lockedUntil !== undefined) throw tooManyGuesses(guesses.lockedUntil - ports.clock.now());
  if (client === undefined || right === undefined) {
    await guesses.countWrong(client);
    throw new OAuthError('invalid_client', { detail: 'unknown, or a wrong proof' });
  }
  return { client, proof: new ProofChanges(ports.committer, [...guesses.changes, ...right.changes]) };
};

/** While a client is locked, right and wrong secrets of known and unknown clients get one answer, which tells nothing about the secret. */
const tooManyGuesses = (millis: number): OAuthError =>
  new OAuthError('temporarily_unavailable', {
    status: 429,
    description: 'Too many failed client authentications from this address. Try again after the time in Retry-After.',
    detail: 'locked',
    retryAfterSeconds: Math.max(1, Math.ceil(millis / 1_000)),
  });

/**
 * Does what a client asks that has proven who it is, and spends the proof whatever comes of it: a throw is a way out, too. What is wrong
 * with the proof by then is told before anything else.
 */
export const asProvenClient = async <T>(
  ports: ProofPorts,
  http: OAuthRequest,
  work: (proven: ProvenClient) => Promise<T>,
): Promise<T> => {
  const proven = await proveClient(ports, http);
  try {
    return await work(proven);
  } finally {
    await proven.proof.settle();
  }
};

/** Refuses what public clients may not do at all (OIDC-15). */
export const demandConfidential = ({ isPublic }: OAuthClient): void => {
  if (isPublic) throw new OAuthError('invalid_client', { detail: 'a public client' });
};

const proofOf = ({ header, parameters }: Pick<OAuthRequest, 'header' | 'parameters'>): Proof => {
  const { client_id: named, client_secret: secret, client_assertion: assertion } = parameters;
  const basic = basicOf(header('authorization'));
  const ways = [basic !== undefined, secret !== undefined && secret !== '', assertion !== undefined].filter(Boolean);
  if (ways.length > 1) {
    throw new OAuthError('invalid_request', { description: 'The client must prove itself in one way, not in two.' });
  }
  if (basic !== undefined) {
    if (named !== undefined && named !== basic.clientId) {
      throw new OAuthError('invalid_request', { description: 'The header and the client_id name two clients.' });
    }
    return basic.secret === '' ? { kind: 'none', clientId: basic.clientId } : { kind: 'secret', ...basic };
  }
  if (assertion !== undefined) return assertionOf(assertion, parameters.client_assertion_type, named);
  if (named === undefined) throw new OAuthError('invalid_client', { detail: 'no client is named' });
  return secret === undefined || secret === ''
    ? { kind: 'none', clientId: named }
    : { kind: 'secret', clientId: named, secret };
};

/** Which client a request is of, as it says and before anything is proven. */
export const namedClient = (http: Pick<OAuthRequest, 'header' | 'parameters'>): string | undefined => {
  try {
    return proofOf(http).clientId;
  } catch {
    // A proof that cannot be read names nobody.
    return http.parameters.client_id;
  }
};

const assertionOf = (assertion: string, type: string | undefined, named: string | undefined): Proof => {
  if (type !== ASSERTION_TYPE) {
    throw new OAuthError('invalid_request', { description: `The client_assertion_type must be ${ASSERTION_TYPE}.` });
  }
  const clientId = claimedClient(assertion);
  if (clientId === undefined) throw new OAuthError('invalid_client', { detail: 'the assertion names no client' });
  if (named !== undefined && named !== clientId) {
    throw new OAuthError('invalid_request', {
      description: 'The client_assertion and the client_id name two clients.',
    });
  }
  return { kind: 'assertion', clientId, assertion };
};

/** Each half is encoded as in a form (RFC 6749 §2.3.1); undefined where there is no such header. */
const basicOf = (header: string | undefined): { readonly clientId: string; readonly secret: string } | undefined => {
  const { credentials } = /^basic +(?<credentials>[\w+/=-]*)$/i.exec(header ?? '')?.groups ?? {};
  if (credentials === undefined) {
    if (header === undefined) return undefined;
    throw new OAuthError('invalid_client', { detail: 'the header is no client proof' });
  }
  const text = Buffer.from(credentials, 'base64').toString();
  const colon = text.indexOf(':');
  try {
    return {
      clientId: formDecoded(colon < 0 ? text : text.slice(0, colon)),
      secret: formDecoded(colon < 0 ? '' : text.slice(colon + 1)),
    };
  } catch (cause) {
    throw new OAuthError('invalid_client', { detail: 'the header is badly encoded', cause });
  }
};

const formDecoded = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

/** What no secret has, so that there is always something to compare with. */
const NO_DIGEST = new Uint8Array(32);

/** A proof that is right. */
interface RightProof {
  /** Whether an attacker could come to it by trying: an imported secret, but no signature and no secret of ours. */
  readonly isGuessable: boolean;
  readonly changes: readonly Change[];
}

/** While a secret is replaced there are two: as many are compared for every client. */
const MAX_SECRETS = 2;

const rightProof = async (
  ports: ProofPorts,
  http: OAuthRequest,
  client: OAuthClient | undefined,
  proof: Proof,
): Promise<RightProof | undefined> => {
  const now = ports.clock.now();
  if (proof.kind === 'assertion') {
    if (client?.authMethod !== 'private_key_jwt' || client.isPublic) return undefined;
    const { issuer } = ports.settings(http.realm);
    // The query may name the realm: without it the address is that of another server.
    const audience = [issuer, `${issuer}/access_token`, `${http.address}${http.query === '' ? '' : `?${http.query}`}`];
    const changes = await checkAssertion(client, proof.assertion, { now, audience, keysOfClient: ports.keysOfClient });
    return changes && { isGuessable: false, changes };
  }
  const digest = ports.digestOfSecret(proof.kind === 'secret' ? proof.secret : '');
  const right = Array.from({ length: MAX_SECRETS }, (_, at) => client?.secrets[at]).filter((kept) => {
    const { digest: other } = kept ?? { digest: NO_DIGEST };
    const isRight = digest.length === other.length && timingSafeEqual(digest, other);
    return isRight && kept !== undefined && (kept.goodUntil === undefined || now < kept.goodUntil);
  });
  const bySecret = proof.kind === 'secret' && client?.isPublic === false && client.authMethod !== 'private_key_jwt';
  if (!bySecret || right.length === 0) return undefined;
  return { isGuessable: !right.some((kept) => kept?.isGenerated), changes: [] };
};
