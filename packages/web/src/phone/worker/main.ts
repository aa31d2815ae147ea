import { answersSignIns } from '../accounts/account.ts';
import { indexedDbStore } from '../accounts/indexed-db-store.ts';
import { type CallIo, refreshChannel } from '../server/server-calls.ts';
import { createServerClock } from '../server/server-clock.ts';
import { sleep } from '../server/sleep.ts';
import { noticeWords } from './notices.ts';
import { readPushed } from './pushed.ts';
import { shellCache } from './shell-cache.ts';
import type { WorkerScope } from './worker-scope.ts';

/** Put in by the build: what the page needs to open, and a name for just that. */
declare const SHELL_FILES: readonly string[];
declare const SHELL_VERSION: string;

/** The composition of the service worker: the page without a connection, and what is pushed while it is closed. */
const worker = globalThis as unknown as WorkerScope;
const BRIEFLY_MILLIS = 2_000;

const store = indexedDbStore(indexedDB);
const shell = shellCache({
  caches,
  fetch: (...given) => fetch(...given),
  version: SHELL_VERSION,
  files: SHELL_FILES,
  scope: worker.registration.scope,
});

/**
 * Browsers have every push show something, and take the right to push from who does not. So what nobody has to see is there for two
 * seconds, silently; in place of the notification of the same tag, where there is one.
 */
const showBriefly = async (title: string, tag: string): Promise<void> => {
  await worker.registration.showNotification(title, { tag, silent: true });
  await sleep(BRIEFLY_MILLIS);
  for (const notice of await worker.registration.getNotifications({ tag })) notice.close();
};

const ring = async (text: string | undefined): Promise<void> => {
  const [pushed, { language }] = await Promise.all([readPushed(text, store, Date.now()), store.settings()]);
  const words = noticeWords(language);
  if (pushed.kind === 'nothing') return showBriefly(words.nothing, 'nothing');
  if (pushed.kind === 'withdrawn') {
    if (pushed.entry !== undefined) await store.putHistory(pushed.entry);
    return showBriefly(words.withdrawn, pushed.messageId);
  }
  const { message } = pushed;
  await worker.registration.showNotification(words.title, {
    body: words.body,
    tag: message.messageId,
    requireInteraction: true,
    icon: 'icon-192.png',
    badge: 'badge-96.png',
    lang: language,
  });
  // An open page takes the notification away again, and asks for itself.
  for (const page of await worker.clients.matchAll({ type: 'window' })) page.postMessage(message);
};

const open = async (): Promise<void> => {
  const [page] = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  await (page === undefined ? worker.clients.openWindow('./') : page.focus());
};

/** The browser has changed its address: the server learns of it from here, since the page may not be opened for long. */
const moveRing = async (options: PushSubscriptionOptionsInit | undefined): Promise<void> => {
  const clock = createServerClock(() => Date.now());
  const io: CallIo = {
    fetch: (...given) => fetch(...given),
    clock,
    newId: () => crypto.randomUUID(),
    chance: Math.random,
    sleep,
  };
  const { pushManager } = worker.registration;
  const subscription = (await pushManager.getSubscription()) ?? (await pushManager.subscribe(options));
  const { endpoint, keys } = subscription.toJSON();
  const channel = { type: 'webpush', deviceId: JSON.stringify({ endpoint, keys }) } as const;
  for (const account of (await store.accounts()).filter(answersSignIns)) {
    if (account.push.channel.type !== 'webpush' || !(await refreshChannel(io, account, channel))) continue;
    await store.putAccount({ ...account, push: { ...account.push, channel } });
  }
};

worker.addEventListener('install', (event) => event.waitUntil(shell.install().then(() => worker.skipWaiting())));
worker.addEventListener('activate', (event) => event.waitUntil(shell.removeOlder().then(() => worker.clients.claim())));
worker.addEventListener('fetch', (event) => {
  const answer = shell.answer(event.request);
  if (answer !== undefined) event.respondWith(answer);
});
worker.addEventListener('push', (event) => event.waitUntil(ring(event.data?.text())));
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open());
});
worker.addEventListener('pushsubscriptionchange', (event) => {
  const { applicationServerKey } = event.oldSubscription?.options ?? {};
  event.waitUntil(moveRing({ userVisibleOnly: true, ...(applicationServerKey && { applicationServerKey }) }));
});
