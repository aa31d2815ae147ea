import { CliError } from './cli-error.ts';
import { plainText } from './plain-text.ts';
import type { Stored } from './stored.ts';

/** Who has changed something, in the audit trail: nobody here has signed in. */
export const BY_COMMAND = 'command line';

export interface ReasonOption {
  readonly reason?: string;
}

/** What the row of the trail tells of why something was done. */
export interface Reason {
  readonly reason?: string;
}

/** The reason that was given, if it is one. */
export const givenReason = ({ server, options }: Pick<Stored<ReasonOption>, 'server' | 'options'>): Reason => {
  if (options.reason === undefined) return {};
  const problem = server.reasonProblem(options.reason);
  if (problem !== undefined) throw new CliError('USAGE', problem);
  return { reason: options.reason };
};

/** Why somebody's account is changed: always to take factors away (SEC-54) and to erase somebody, else where the realm asks for it. */
export const reasonIn = async (
  stored: Pick<Stored<ReasonOption>, 'server' | 'store' | 'options'>,
  realm: string,
  need: 'always' | 'where the realm asks',
): Promise<Reason> => {
  const reason = givenReason(stored);
  if (reason.reason !== undefined) return reason;
  const { realms } = await stored.store.configuration.load();
  const settings = realms.find((it) => it.realm === realm);
  const isAsked = settings !== undefined && stored.server.withLaterSettings(settings).reasonsRequired;
  if (need !== 'always' && !isAsked) return reason;
  const why = need === 'always' ? 'This needs a reason.' : `The realm ${plainText(realm)} asks for a reason.`;
  throw new CliError('USAGE', why, '--reason TEXT, such as the number of the request');
};
