import { type DeliveredMessage, parseRelayMessage } from '@assent/push/protocol';

const WORKER = 'sw.js';

interface ScriptUrlPolicies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The only script that this page may ever start, for browsers that hold it to that (Trusted Types). */
const workerAddress = (): string => {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: ScriptUrlPolicies };
  const policy = trustedTypes?.createPolicy('assent-phone', {
    createScriptURL(url) {
      if (url !== WORKER) throw new TypeError('This page starts no other script.');
      return url;
    },
  });
  return policy?.createScriptURL(WORKER) ?? WORKER;
};

/** Starts the service worker; undefined where the browser has none. The phone then works while it is open. */
export const startWorker = async (): Promise<ServiceWorkerRegistration | undefined> => {
  try {
    await navigator.serviceWorker.register(workerAddress());
    return await navigator.serviceWorker.ready;
  } catch {
    return undefined;
  }
};

/** What the service worker was pushed, as it came: the page verifies for itself. */
export const onDelivered = (tell: (message: DeliveredMessage) => void): void =>
  navigator.serviceWorker?.addEventListener('message', ({ data }) => {
    const message = parseRelayMessage(data);
    if (message.ok) tell(message.value);
  });

/** Takes a notification away. */
export const closeNotice = async (
  registration: ServiceWorkerRegistration | undefined,
  messageId: string,
): Promise<void> => {
  for (const notice of (await registration?.getNotifications({ tag: messageId })) ?? []) notice.close();
};
