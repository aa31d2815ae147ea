import { decodeBase64, encodeBase64Url } from '@assent/push/protocol';
import type { Ringer } from './ringer.ts';

/** Web Push of this browser. `serverKey` is the server's VAPID public key, base64url. @see RFC 8292 */
export const browserRinger = ({
  registration,
  serverKey,
}: {
  readonly registration: Promise<ServiceWorkerRegistration | undefined>;
  readonly serverKey: () => Promise<string | undefined>;
}): Ringer => {
  const isPossible = 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;

  const current = async (): Promise<PushSubscription | undefined> =>
    (await (await registration)?.pushManager.getSubscription()) ?? undefined;

  const subscription = async (): Promise<PushSubscription | undefined> => {
    const worker = await registration;
    const key = await serverKey();
    const bytes = key === undefined ? undefined : decodeBase64(key);
    if (worker === undefined || bytes === undefined) return undefined;
    const existing = await current();
    const usedKey = existing?.options.applicationServerKey;
    if (existing !== undefined && usedKey && encodeBase64Url(new Uint8Array(usedKey)) === key) return existing;
    // Made for a key that the server has no more: nobody could ring it.
    await existing?.unsubscribe();
    return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: new Uint8Array(bytes) });
  };

  return {
    state() {
      if (!isPossible) return 'impossible';
      const { permission } = Notification;
      return permission === 'granted' ? 'possible' : permission === 'denied' ? 'denied' : 'not-asked';
    },
    async subscribe() {
      if (!isPossible || (await Notification.requestPermission()) !== 'granted') return undefined;
      try {
        const { endpoint, keys } = (await subscription())?.toJSON() ?? {};
        return endpoint === undefined || keys === undefined ? undefined : JSON.stringify({ endpoint, keys });
      } catch {
        // The browser has no push service, or cannot reach it: the phone is then asked while it is open.
        return undefined;
      }
    },
    async unsubscribe() {
      if (isPossible) await (await current())?.unsubscribe();
    },
  };
};
