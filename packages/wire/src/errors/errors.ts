import { JourneyError } from '@assent/engine';
import type { JourneyErrorCode, JourneyErrorDetail } from '@assent/engine/host';
import type { JsonObject } from '../json.ts';

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

/** AM's error body; `message` is for the client and never says more than the table below. */
export interface ErrorBody {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly detail?: JsonObject;
}

export const errorBody = (code: number, message: string, detail?: JsonObject): ErrorBody => ({
  code,
  reason: REASONS[code] ?? 'Error',
  message,
  ...(detail && { detail }),
});

type Row<C extends JourneyErrorCode> = (error: JourneyError<C>) => ErrorBody;

const loginFailure = ({ failureUrl, message = 'Login failure', members }: JourneyErrorDetail['LOGIN_FAILED']) =>
  errorBody(401, message, { ...(members as JsonObject | undefined), failureUrl });

/** Clients know the case by the name of a class in the message (spec: journeys-rest §1.8, §4.6). */
const SUSPENSION_GONE =
  'org.forgerock.openam.auth.nodes.framework.token.SuspendedAuthSessionException: Token not found. It may have expired.';

/** Which answer each error of a journey gives (spec: journeys-rest §1.8); the compiler demands a row per code. */
const ANSWERS: { readonly [C in JourneyErrorCode]: Row<C> } = {
  LOGIN_FAILED: ({ detail }) => loginFailure(detail),
  NODE_FAILED: ({ detail }) => loginFailure(detail),
  NODE_INPUT_MISSING: ({ detail }) => loginFailure(detail),
  ACCOUNT_UNUSABLE: ({ detail }) =>
    loginFailure({
      failureUrl: detail.failureUrl,
      ...(detail.reason !== 'unknown' && { message: detail.message ?? 'User Locked Out.' }),
    }),
  JOURNEY_EXPIRED: () => errorBody(401, 'Session has timed out', { errorCode: '110' }),
  SUSPENSION_GONE: () => errorBody(401, SUSPENSION_GONE),
  BACK_CHANNEL_GONE: () => errorBody(401, 'The transaction is not known, or it is over.'),
  AUTH_ID_MALFORMED: () => errorBody(400, 'Failed to parse JWT, the authId is not a token of this server'),
  AUTH_ID_FORGED: () => errorBody(400, 'AuthId JWT Signature not valid'),
  CALLBACK_COUNT: () => errorBody(400, 'Incorrect number of callbacks found in JSON response'),
  CALLBACK_TYPE: () => errorBody(400, 'Required callback not found in JSON response'),
  CALLBACK_VALUE: ({ detail: { position, type, longest } }) => {
    const reason = longest === undefined ? 'is not valid' : `is longer than ${longest} characters`;
    return errorBody(400, `The value of callback ${position + 1} (${type}) ${reason}`);
  },
  INDEX_TYPE_UNKNOWN: () => errorBody(400, 'Unknown Authentication Index Type'),
  AUTH_LEVEL_UNKNOWN: ({ detail }) =>
    errorBody(
      400,
      `No journey reaches the authentication level ${detail.level}. Name one in authLevelJourneys of the service "assent".`,
    ),
  TREE_NOT_FOUND: () => errorBody(400, 'No Configuration found'),
  REALM_UNKNOWN: ({ detail }) => errorBody(400, `Invalid realm, ${detail.realm.slice(0, 256)}`),
  REQUEST_INVALID: ({ detail }) => errorBody(400, detail.reason),
  TOO_MANY_BEGUN: () => errorBody(429, 'Too many sign-ins were begun at this address. Try again later.'),
  OVERLOADED: () => errorBody(503, 'Very busy. Try again shortly.'),
};

/** The answer for an error of a journey. */
export const formatJourneyError = <C extends JourneyErrorCode>(error: JourneyError<C>): ErrorBody =>
  ANSWERS[error.code](error);

/** The body of resource version 1.x. */
export const formatErrorV1 = (body: ErrorBody): JsonObject => ({
  errorMessage: body.message,
  failureUrl: body.detail?.failureUrl ?? '',
});

export const isJourneyError = (error: unknown): error is JourneyError => error instanceof JourneyError;
