import { isLoopback } from '../settings/loopback.ts';

export interface SuspendedJourney {
  readonly realm: string;
  readonly tree: string;
  readonly suspendedId: string;
}

/**
 * Whether the links of suspended journeys may lead there. They hold what wakes the journey, so they go over TLS, or stay on
 * the machine.
 */
export const isLoginPageUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  return isSafe && username === '' && password === '';
};

/** Where a person goes to wake a suspended journey (spec: journeys-rest §1.12); what the address says already stays in it, a route behind `#` included. */
export const resumeLink = (loginPage: string, { realm, tree, suspendedId }: SuspendedJourney): string => {
  const link = new URL(loginPage);
  const query = { realm, suspendedId, authIndexType: 'service', authIndexValue: tree };
  for (const [name, value] of Object.entries(query)) link.searchParams.set(name, value);
  return link.href;
};
