import { useEffect, useState } from 'preact/hooks';
import { announce } from '../kit/browser/announce.ts';
import { fillText } from '../kit/language/fill-text.ts';
import { Button } from '../kit/parts/button.tsx';
import type { Activity, ActivityPage, ListedSession } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { NotMeQuestion } from './not-me-question.tsx';
import { originOf } from './origin-of.ts';
import { Section } from './section.tsx';
import type { AccountCatalogue } from './texts/texts.en.ts';

const sentences: Readonly<Record<string, keyof AccountCatalogue>> = {
  SESSION_END: 'didSignOut',
  DEVICE_ADD: 'didAdd',
  DEVICE_RENAME: 'didRename',
  DEVICE_REMOVE: 'didRemove',
  RECOVERY_CREATED: 'didMakeCodes',
  RECOVERY_USED: 'didUseCode',
  RECOVERY_FAIL: 'didMistypeCode',
  PUSH_DENIED: 'didDeny',
  OPTOUT_SET: 'didOptOut',
  MFA_RESET: 'didReset',
  USER_PASSWORD_SET: 'didSetPassword',
};

/** A sentence for what happened; undefined for what this page has no words for. */
const sentenceOf = ({ event, outcome }: Activity, texts: AccountCatalogue): string | undefined => {
  if (event === 'JOURNEY_END') return outcome === 'success' ? texts.didSignIn : texts.didNotSignIn;
  const id = Object.hasOwn(sentences, event) ? sentences[event] : undefined;
  return id === undefined ? undefined : texts[id];
};

/** What happened to the account in the last 30 days, newest first. */
export const ActivitySection = ({
  work,
  page,
  sessions,
  toDevices,
}: {
  readonly work: AccountWork;
  readonly page: ActivityPage;
  readonly sessions: readonly ListedSession[];
  toDevices(): void;
}) => {
  const { texts, times, client, owner } = work;
  const [items, setItems] = useState(page.items);
  const [next, setNext] = useState(page.next);
  const [busy, setBusy] = useState(false);
  const [disputed, setDisputed] = useState<Activity>();
  const [timesLed, setTimesLed] = useState(0);
  useEffect(() => {
    setItems(page.items);
    setNext(page.next);
  }, [page]);
  useEffect(() => {
    // Only now is the question gone, which gives the focus back to where it came from.
    if (timesLed > 0) toDevices();
  }, [timesLed]);
  const more = async (cookie: string): Promise<void> => {
    setBusy(true);
    const reply = await client.olderActivity(owner, cookie);
    setBusy(false);
    if (reply.kind !== 'done') {
      announce('alert', texts.notDone);
      return;
    }
    setItems([...items, ...reply.value.items]);
    setNext(reply.value.next);
  };
  return (
    <Section title={texts.activity}>
      <p class="k-muted k-small">{texts.activityLead}</p>
      <ul class="a-list">
        {items.map((item) => {
          const sentence = sentenceOf(item, texts);
          return sentence === undefined ? null : (
            <li key={item._id}>
              <div class="a-item">
                <p>
                  {sentence}
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
                name={fillText(texts.notMeThis, { event: sentence, time: times.moment(item.time) })}
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
          sentence={sentenceOf(disputed, texts) ?? ''}
          sessions={sessions}
          toDevices={() => {
            setDisputed(undefined);
            setTimesLed(timesLed + 1);
          }}
          onClose={() => setDisputed(undefined)}
        />
      )}
      {next === null ? null : (
        <Button busy={busy} busyText={texts.loading} onPress={() => void more(next)}>
          {texts.more}
        </Button>
      )}
    </Section>
  );
};
