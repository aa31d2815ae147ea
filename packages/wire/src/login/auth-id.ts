import type { JourneyParameters, JourneyReference } from '@assent/engine/host';
import { isJsonObject, type JsonObject } from '../json.ts';

/** The longest authId that is looked at at all (performance.md rule 16). */
export const MAX_AUTH_ID_LENGTH = 8_192;

/**
 * Claims of an authId, in AM's words where AM has one (spec: journeys-rest §1.6). No state, no secret: which journey, and
 * which step of it. `typ` keeps it apart from every other token of ours (SEC-30).
 */
interface AuthIdClaims {
  readonly typ: 'authId';
  readonly realm: string;
  readonly authIndexType: 'service';
  readonly authIndexValue: string;
  readonly version: number;
  readonly sessionId: string;
  readonly otk: string;
  /** Seconds, with a fraction. */
  readonly exp: number;
  readonly start?: JourneyParameters;
  /** Versions of inner trees, on an authId with `start`. */
  readonly inner?: Readonly<Record<string, number>>;
  /** Which browser the journey is bound to. */
  readonly jb?: string;
}

const text = (value: string): string => JSON.stringify(value);

/**
 * The payload of an authId, {@link AuthIdClaims} as JSON: the same reference gives the same text, so that a retry is answered
 * byte for byte.
 */
export const formatAuthIdClaims = (reference: JourneyReference): string => {
  const { realm, tree, treeVersion, journeyId, nonce, expiresAt, start, innerVersions, binding } = reference;
  const tail =
    (start === undefined ? '' : `,"start":${JSON.stringify(start)}`) +
    (innerVersions === undefined ? '' : `,"inner":${JSON.stringify(innerVersions)}`) +
    (binding === undefined ? '' : `,"jb":${text(binding)}`);
  return (
    `{"typ":"authId","realm":${text(realm)},"authIndexType":"service","authIndexValue":${text(tree)}` +
    `,"version":${treeVersion},"sessionId":${text(journeyId)},"otk":${text(nonce)},"exp":${expiresAt / 1000}${tail}}`
  );
};

const parameters = (start: JsonObject): JourneyParameters => ({
  ...(typeof start.goto === 'string' && { goto: start.goto }),
  ...(typeof start.gotoOnFail === 'string' && { gotoOnFail: start.gotoOnFail }),
  ...(typeof start.locale === 'string' && { locale: start.locale }),
  ...(start.noSession === true && { noSession: true }),
  ...(start.forceAuth === true && { forceAuth: true }),
});

/** The reference in a payload whose signature is good; undefined for a token of another type. */
export const parseAuthIdClaims = (payload: string): JourneyReference | undefined => {
  const claims: unknown = JSON.parse(payload);
  if (!isJsonObject(claims) || claims.typ !== 'authId') return undefined;
  const { realm, authIndexValue, version, sessionId, otk, exp, start, inner, jb } = claims as unknown as AuthIdClaims;
  return {
    realm,
    tree: authIndexValue,
    treeVersion: version,
    journeyId: sessionId,
    nonce: otk,
    expiresAt: Math.round(exp * 1000),
    ...(isJsonObject(start) && { start: parameters(start) }),
    ...(inner !== undefined && { innerVersions: inner }),
    ...(jb !== undefined && { binding: jb }),
  };
};
