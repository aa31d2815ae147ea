import type { ProviderCheck } from '../push-transport.ts';
import { judgeFailure } from './provider-failure.ts';
import { type FailedTry, inTries, type TriesOptions } from './tries.ts';

/** Makes a call that sends nothing, and reads from how it ends whether the settings of the realm are right. */
export const providerCheck = async (
  options: TriesOptions,
  call: (signal: AbortSignal) => Promise<ProviderCheck>,
  judge: (error: unknown) => FailedTry = judgeFailure,
): Promise<ProviderCheck> => {
  let last: FailedTry | undefined;
  const told = await inTries(options, call, (error) => {
    last = judge(error);
    return last;
  });
  if (told.status !== 'failed') return told;
  const { cause, blame } = told;
  if (blame === 'provider') return { status: 'unreachable', cause };
  const setting = cause === 'EndpointNotAllowed' ? 'endpoint' : last?.alarm?.setting;
  return { status: 'wrong', cause, ...(setting !== undefined && { setting }) };
};
