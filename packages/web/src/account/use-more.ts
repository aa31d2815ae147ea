import { useState } from 'preact/hooks';
import { announce } from '../kit/browser/announce.ts';
import type { Page, Reply } from './account-client.ts';
import type { AccountCatalogue } from './texts/texts.en.ts';

/** A list that goes on at a press; where its first part is read again, it begins again. */
export const useMore = <T>(
  first: Page<T>,
  read: (next: string) => Promise<Reply<Page<T>>>,
  texts: AccountCatalogue,
) => {
  const [shown, setShown] = useState({ first, whole: first });
  const [busy, setBusy] = useState(false);
  const { items, next } = shown.first === first ? shown.whole : first;
  const more = async (): Promise<void> => {
    if (next === null) return;
    setBusy(true);
    const reply = await read(next);
    setBusy(false);
    if (reply.kind !== 'done') return announce('alert', texts.notDone);
    setShown({ first, whole: { items: [...items, ...reply.value.items], next: reply.value.next } });
  };
  return { items, hasMore: next !== null, busy, more };
};
