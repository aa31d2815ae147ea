import { isJsonObject } from '@assent/wire';
import { type Answer, badRequest } from '../../http/call.ts';
import { USUAL_APPLICATION } from '../../policies/policy-schema.ts';
import { MAX_RESOURCE_LENGTH } from '../../policies/resource-pattern.ts';

/** What a gateway asks (AM: "Request policy decisions for a specific resource"). */
export interface Evaluation {
  readonly resources: readonly string[];
  readonly application: string;
  /** The token of the session that wants access; that of the caller where absent. */
  readonly ssoToken?: string;
  /** Ids of transactions that the user may have approved. */
  readonly transactions: readonly string[];
}

const MAX_RESOURCES = 20;
const MAX_TRANSACTIONS = 10;
const MAX_NAME_LENGTH = 256;
const MAX_TOKEN_LENGTH = 512;

const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= longest;

const isListOf = (value: unknown, most: number, longest: number): value is readonly string[] =>
  Array.isArray(value) && value.length <= most && value.every((it) => isText(it, longest));

/** The body of an evaluation, or what is wrong with it. */
export const evaluationIn = (body: unknown): Evaluation | Answer => {
  if (!isJsonObject(body)) return badRequest('The body must be a JSON object.');
  const { resources, application = USUAL_APPLICATION, subject = {}, environment = {} } = body;
  if (!isListOf(resources, MAX_RESOURCES, MAX_RESOURCE_LENGTH) || resources.length === 0) {
    return badRequest(
      `resources must be a list of 1 to ${MAX_RESOURCES} addresses of ${MAX_RESOURCE_LENGTH} characters at most.`,
      'resources',
    );
  }
  if (!isText(application, MAX_NAME_LENGTH)) {
    return badRequest(`application must be a text of ${MAX_NAME_LENGTH} characters at most.`, 'application');
  }
  const ofSubject = subjectIn(subject);
  if (ofSubject === undefined) {
    return badRequest('subject must be an object with ssoToken alone, the token of a session.', 'subject');
  }
  const { TxId: transactions = [] } = isJsonObject(environment) ? environment : { TxId: null };
  if (!isListOf(transactions, MAX_TRANSACTIONS, MAX_NAME_LENGTH)) {
    return badRequest(
      `environment must be an object whose TxId is a list of ${MAX_TRANSACTIONS} ids at most.`,
      'environment',
    );
  }
  return { resources, application, ...ofSubject, transactions };
};

/** Whether a subject by claims or a JWT is signed in is not known here. */
const subjectIn = (subject: unknown): { readonly ssoToken?: string } | undefined => {
  if (!isJsonObject(subject)) return undefined;
  const { ssoToken, ...others } = subject;
  if (Object.keys(others).length > 0) return undefined;
  if (ssoToken === undefined) return {};
  return isText(ssoToken, MAX_TOKEN_LENGTH) ? { ssoToken } : undefined;
};
