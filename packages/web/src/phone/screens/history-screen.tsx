import { browserName } from '../../kit/browser/browser-name.ts';
import type { HistoryEntry, RequestEnd } from '../accounts/phone-store.ts';
import { momentText, say } from '../texts/say.ts';
import type { PhoneTextId } from '../texts/texts.en.ts';
import { useNow } from './now.ts';
import { Screen } from './screen.tsx';

const ends: Readonly<Record<RequestEnd, readonly [sign: string, text: PhoneTextId]>> = {
  approved: ['✓', 'historyApproved'],
  denied: ['✕', 'historyDenied'],
  'not-me': ['✕', 'historyNotMe'],
  'ran-out': ['◌', 'historyRanOut'],
  withdrawn: ['◌', 'historyWithdrawn'],
  refused: ['◌', 'historyRefused'],
  unsent: ['◌', 'historyUnsent'],
};

/** What was asked here, and how it ended as far as this phone knows. */
export const HistoryScreen = ({ history }: { readonly history: readonly HistoryEntry[] }) => {
  const now = useNow(false);
  if (history.length === 0) return <Screen title={say('navHistory')} lead={say('historyEmpty')} />;
  return (
    <Screen title={say('navHistory')}>
      <ul class="p-list">
        {history.map((entry) => (
          <Line key={entry.messageId} entry={entry} now={now} />
        ))}
      </ul>
    </Screen>
  );
};

const Line = ({ entry, now }: { readonly entry: HistoryEntry; readonly now: number }) => {
  const { title, name, end, at, context } = entry;
  const [sign, text] = ends[end];
  const { userAgent, remoteIp } = context;
  const from = [userAgent === undefined || userAgent === '' ? undefined : browserName(userAgent), remoteIp];
  return (
    <li class="p-line">
      <span class="p-sign" data-end={end} aria-hidden="true">
        {sign}
      </span>
      <span class="p-account-words">
        <span class="p-account-title">{say(text)}</span>
        <span>
          <bdi>{title}</bdi> · <bdi>{name}</bdi>
        </span>
        <span class="k-muted k-small">
          {from
            .filter((it) => it !== undefined && it !== '')
            .map((it) => (
              <span key={it}>
                <bdi>{it}</bdi> ·{' '}
              </span>
            ))}
          <time dateTime={new Date(at).toISOString()}>{momentText(at, now)}</time>
        </span>
      </span>
    </li>
  );
};
