import type { Owner } from './account-client.ts';

/** What a user wanted to do when a second factor was asked for; taken up again when the user comes back. */
export interface Intention {
  readonly act: 'rename' | 'remove' | 'codes' | 'data';
  /** The device, where it is about one. */
  readonly device?: string;
}

/** By name; `anew` is the one that everybody signs in by. */
export type JourneyOfPage = 'StepUp' | 'AddPhone' | 'AddPasskey' | 'anew';

const acts: ReadonlySet<string> = new Set(['rename', 'remove', 'codes', 'data'] satisfies Intention['act'][]);

/** The intention in an address of this page. It only opens what asks again: an address that somebody sends does nothing. */
export const readIntention = (href: string): Intention | undefined => {
  const { searchParams } = new URL(href);
  const act = searchParams.get('do') ?? '';
  if (!acts.has(act)) return undefined;
  const device = searchParams.get('device') ?? undefined;
  return { act: act as Intention['act'], ...(device !== undefined && { device }) };
};

/** The login page with a journey of the user's realm, and from there back to this page. */
export const journeyAddress = (
  context: string,
  { realm }: Pick<Owner, 'realm'>,
  service: JourneyOfPage,
  intention?: Intention,
): string => {
  const back = new URL('account', context);
  const { pathname: page } = back;
  if (intention !== undefined) back.searchParams.set('do', intention.act);
  if (intention?.device !== undefined) back.searchParams.set('device', intention.device);
  const login = new URL('login', context);
  if (realm !== '/') login.searchParams.set('realm', realm);
  // The usual one, also for who is signed in.
  if (service === 'anew') login.searchParams.set('ForceAuth', 'true');
  else login.searchParams.set('service', service);
  login.searchParams.set('goto', `${back.pathname}${back.search}`);
  // Whoever gives up comes back as well, and is asked for nothing more.
  login.searchParams.set('gotoOnFail', page);
  return login.href;
};
