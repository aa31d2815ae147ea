import type { Check, CheckContext, CheckedRequest } from './checked-request.ts';
import { claimsParameter } from './claims-parameter.ts';
import { codeChallenge } from './code-challenge.ts';
import { codeKey } from './code-key.ts';
import { maxAge, prompt, since } from './freshness.ts';
import { onlyPushed, pushedRequest } from './pushed-request.ts';
import { redirectUri } from './redirect-uri.ts';
import { responseMode, responseType } from './response.ts';
import { scope, scopeOfIdToken } from './scope.ts';
import { acrValues, idTokenHint, loginPageParameters } from './sign-in-parameters.ts';
import { nonce, state } from './state-and-nonce.ts';
import { unsupportedParameters } from './unsupported-parameters.ts';

/** The endpoints that take a request for an authorization. */
type Column = 'authorize' | 'par' | 'device';

const x = true;

/**
 * What a request must be, rule by rule, in this order; who the client is has been settled before. Read down a column to know what an
 * endpoint checks. From `redirectUri` on, what is wrong is told to the client.
 */
// biome-ignore format: it is read by column.
const CHECKS: readonly ({ readonly check: Check } & { readonly [C in Column]?: true })[] = [
  { check: since,                 authorize: x                     },
  { check: pushedRequest,         authorize: x                     },
  { check: redirectUri,           authorize: x, par: x             },
  { check: state,                 authorize: x, par: x             },
  { check: responseMode,          authorize: x, par: x             },
  { check: unsupportedParameters, authorize: x, par: x             },
  { check: onlyPushed,            authorize: x                     },
  { check: responseType,          authorize: x, par: x             },
  { check: nonce,                 authorize: x, par: x             },
  { check: codeChallenge,         authorize: x, par: x             },
  { check: codeKey,               authorize: x, par: x             },
  { check: scope,                 authorize: x, par: x, device: x  },
  { check: scopeOfIdToken,        authorize: x, par: x             },
  { check: prompt,                authorize: x, par: x             },
  { check: maxAge,                authorize: x, par: x             },
  { check: claimsParameter,       authorize: x, par: x             },
  { check: acrValues,             authorize: x, par: x, device: x  },
  { check: idTokenHint,           authorize: x, par: x             },
  { check: loginPageParameters,   authorize: x, par: x             },
];

/** Runs the rules of an endpoint; `onProgress` sees what is known after each, also before one that throws. */
export const runChecks = async (
  column: Column,
  request: CheckedRequest,
  context: CheckContext,
  onProgress: (request: CheckedRequest) => void = () => undefined,
): Promise<CheckedRequest> => {
  let checked = request;
  for (const row of CHECKS) {
    if (row[column] !== true) continue;
    checked = { ...checked, ...(await row.check(checked, context)) };
    onProgress(checked);
  }
  return checked;
};
