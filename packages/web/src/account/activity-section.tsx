import { useEffect, useState } from 'preact/hooks';
import { fillText } from '../kit/language/fill-text.ts';
import { Filled } from '../kit/language/filled.tsx';
import { Button } from '../kit/parts/button.tsx';
import type { Activity, ListedSession, Page } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { NotMeQuestion } from './not-me-question.tsx';
import { originOf } from './origin-of.ts';
import { Section } from './section.tsx';
import type { AccountCatalogue } from './texts/texts.en.ts';
import { useMore } from './use-more.ts';

const sentences: Readonly<Record<string, keyof AccountCatalogue>> = {
  SESSION_END: 'didSignOut',
  DEVICE_ADD: 'didAdd',
  DEVICE_RENAME: 'didRename',
  DEVICE_REMOVE: 'didRemove',
  DEVICE_CHANNEL_DEAD: 'didLoseReach',
  RECOVERY_CREATED: 'didMakeCodes',
  RECOVERY_USED: 'didUseCode',
  RECOVERY_FAIL: 'didMistypeCode',
  PUSH_DENIED: 'didDeny',
  PUSH_NUMBER_MISMATCH: 'didMistypeNumber',
  PUSH_LOCK: 'didLock',
  PUSH_ALERT: 'didReport',
  PUSH_PAUSED: 'didPause',
  OPTOUT_SET: 'didOptOut',
  MFA_RESET: 'didReset',
  FACTOR_DISABLED: 'didDisable',
  USER_PASSWORD_SET: 'didSetPassword',
  USER_ADDRESS_SET: 'didSetAddress',
  APPLICATION_REMOVE: 'didRemoveApp',
  TOKEN_REUSE: 'didReuse',
  EXPORT: 'didExport',
};

/** The sentence for what happened; undefined for what this page has no words for. */
const sentenceIdOf = ({ event, outcome }: Activity): keyof AccountCatalogue | undefined => {
  if (event === 'JOURNEY_END') return outcome === 'success' ? 'didSignIn' : 'didNotSignIn';
  if (event === 'OAUTH_CONSENT' || event === 'OAUTH_DEVICE') return outcome === 'allowed' ? 'didAllow' : 'didNotAllow';
  return Object.hasOwn(sentences, event) ? sentences[event] : undefined;
};

const kinds: ReadonlyMap<string, keyof AccountCatalogue> = new Map([
  ['push', 'kindPhone'],
  ['oath', 'kindGenerator'],
  ['webauthn', 'kindPasskey'],
  ['binding', 'kindBound'],
]);

/** The kinds of a reset by their names here; one that only a newer server knows keeps its own. */
const kindsOf = (outcome: string, texts: AccountCatalogue): string => {
  const names = outcome.split(',').map((kind) => {
    const id = kinds.get(kind);
    return id === undefined ? kind : texts[id];
  });
  return names.join(', ');
};

const valuesOf = ({ application = '', event, outcome = '' }: Activity, texts: AccountCatalogue) => ({
  app: application,
  kinds: event === 'MFA_RESET' ? kindsOf(outcome, texts) : '',
});

/** What happened, in one line. */
const sentenceOf = (item: Activity, texts: AccountCatalogue): string => {
  const id = sentenceIdOf(item);
  return id === undefined ? '' : fillText(texts[id], valuesOf(item, texts));
};

/** What happened to the account in the last 30 days, newest first. */
export const ActivitySection = ({
  work,
  page,
  sessions,
  toDevices,
}: {
  readonly work: AccountWork;
  readonly page: Page<Activity>;
  readonly sessions: readonly ListedSession[];
  toDevices(): void;
}) => {
  const { texts, times, client, owner } = work;
  const list = useMore(page, (next) => client.olderActivity(owner, next), texts);
  const [disputed, setDisputed] = useState<Activity>();
  const [timesLed, setTimesLed] = useState(0);
  useEffect(() => {
    // Only now is the question gone, which gives the focus back to where it came from.
    if (timesLed > 0) toDevices();
  }, [timesLed]);
  return (
    <Section title={texts.activity}>
      <p class="k-muted k-small">{texts.activityLead}</p>
      <ul class="a-list">
        {list.items.map((item) => {
          const id = sentenceIdOf(item);
          return id === undefined ? null : (
            <li key={item._id}>
              <div class="a-item">
                <p>
                  <Filled text={texts[id]} values={valuesOf(item, texts)} />
                  {item.byAdministrator ? ` · ${texts.byAdministrator}` : ''}
                </p>
                <p class="k-muted k-small">
                  <time dateTime={item.time}>{times.moment(item.time)}</time>
                  {item.journey === undefined ? null : (
                    <>
                      {' · '}
                      <bdi>{item.journey}</bdi>
                    </>
                  )}
                </p>
                {item.address === undefined ? null : (
                  <p class="k-muted k-small">
                    <bdi>{originOf(item, texts)}</bdi>
                  </p>
                )}
              </div>
              <Button
                kind="quiet"
                fit
                name={fillText(texts.notMeThis, { event: sentenceOf(item, texts), time: times.moment(item.time) })}
                onPress={() => setDisputed(item)}
              >
                {texts.notMe}
              </Button>
            </li>
          );
        })}
      </ul>
      {disputed === undefined ? null : (
        <NotMeQuestion
          work={work}
          item={disputed}
          sentence={sentenceOf(disputed, texts)}
          sessions={sessions}
          toDevices={() => {
            setDisputed(undefined);
            setTimesLed(timesLed + 1);
          }}
          onClose={() => setDisputed(undefined)}
        />
      )}
      {list.hasMore ? (
        <Button busy={list.busy} busyText={texts.loading} onPress={() => void list.more()}>
          {texts.more}
        </Button>
      ) : null}
    </Section>
  );
};
