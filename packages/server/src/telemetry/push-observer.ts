import type { CalledProvider, PushObserver } from '@assent/push';
import type { Measures } from './measures.ts';

/** Providers that are told apart as down; each is one of the few that a transport of a realm speaks to. */
const MAX_DOWN = 1_000;

/** Counts messages to phones, and knows the providers that this instance leaves alone. */
export const pushObserver = (measures: Measures, elapsed: () => number) => {
  const down = new Map<string, CalledProvider>();
  const keyOf = ({ realm, communicationType, provider }: CalledProvider) =>
    JSON.stringify([realm, communicationType, provider]);
  measures.providerOpen.readFrom(() => [...down.values()].map(({ provider, realm }) => [1, provider, realm] as const));
  const observer: PushObserver = {
    async call({ provider }, run) {
      const begin = elapsed();
      // A transport does not throw: bad luck is a result.
      const result = await run();
      measures.providerRequests.add(1, provider, result.status);
      measures.providerSeconds.observe((elapsed() - begin) / 1_000, provider);
      return result;
    },
    leftAlone: ({ provider }) => measures.providerRequests.add(1, provider, 'leftAlone'),
    breaker(called, became) {
      down.delete(keyOf(called));
      if (became === 'opened' && down.size < MAX_DOWN) down.set(keyOf(called), called);
    },
    settled({ envelope }, outcome, millis) {
      const transport = envelope?.communicationType ?? 'none';
      measures.pushMessages.add(1, transport, outcome);
      if (outcome === 'sent') measures.pushSendSeconds.observe(millis / 1_000, transport);
    },
    answered: (millis) => measures.pushAnswerSeconds.observe(millis / 1_000),
  };
  return {
    observer,
    /** What is wrong with providers now, for the health of this server. */
    problems: (): readonly string[] =>
      [...down.values()].map(({ provider, realm }) => `The push provider ${provider} of the realm ${realm} is down.`),
  };
};
