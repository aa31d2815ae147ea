import { useRef, useState } from 'preact/hooks';
import { fillText } from '../kit/language/fill-text.ts';
import { Button } from '../kit/parts/button.tsx';
import { scopeWords } from '../kit/scopes/scope-words.ts';
import type { Application, Page } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { Question } from './question.tsx';
import { Section } from './section.tsx';
import { useMore } from './use-more.ts';

const nameOf = ({ _id, name }: Application): string => name ?? _id;

/** What applications may do in the user's name. To end that takes nothing but a press and a yes: it only takes away. */
export const ApplicationsSection = ({
  work,
  page,
}: {
  readonly work: AccountWork;
  readonly page: Page<Application>;
}) => {
  const { texts, client, owner } = work;
  const heading = useRef<HTMLHeadingElement>(null);
  const [leaving, setLeaving] = useState<Application>();
  const [busy, setBusy] = useState(false);
  const list = useMore(page, (next) => client.moreApplications(owner, next), texts);
  const remove = async (application: Application): Promise<void> => {
    setBusy(true);
    const done = fillText(texts.removed, { name: nameOf(application) });
    await work.change(undefined, () => client.removeApplication(owner, application), done);
    setBusy(false);
    setLeaving(undefined);
  };
  return (
    <Section title={texts.apps} headingRef={heading}>
      {list.items.length === 0 ? <p class="k-muted">{texts.noApps}</p> : null}
      <ul class="a-list">
        {list.items.map((application) => (
          <li key={application._id}>
            <div class="a-item">
              <p class="a-name">
                <bdi>{nameOf(application)}</bdi>
              </p>
              <Scopes work={work} application={application} />
              <p class="k-muted k-small">{times(work, application)}</p>
              <div class="k-row a-tools">
                <Button
                  kind="danger"
                  name={fillText(texts.removeThis, { name: nameOf(application) })}
                  onPress={() => setLeaving(application)}
                >
                  {texts.remove}
                </Button>
              </div>
            </div>
          </li>
        ))}
      </ul>
      {list.hasMore ? (
        <Button busy={list.busy} busyText={texts.loading} onPress={() => void list.more()}>
          {texts.more}
        </Button>
      ) : null}
      {leaving === undefined ? null : (
        <Question
          title={fillText(texts.removeAsk, { name: nameOf(leaving) })}
          onClose={() => setLeaving(undefined)}
          fallback={heading}
        >
          <p>{texts.removeApp}</p>
          <div class="k-row">
            <Button onPress={() => setLeaving(undefined)}>{texts.cancel}</Button>
            <Button kind="danger" busy={busy} busyText={texts.loading} onPress={() => void remove(leaving)}>
              {texts.remove}
            </Button>
          </div>
        </Question>
      )}
    </Section>
  );
};

const Scopes = ({ work, application }: { readonly work: AccountWork; readonly application: Application }) => (
  <ul class="a-scopes k-small">
    {Object.entries(application.scopes).map(([name, text]) => (
      <li key={name}>
        <bdi>{scopeWords({ name, ...(text !== name && { text }) }, (id) => work.texts[id])}</bdi>
      </li>
    ))}
  </ul>
);

const times = (
  { texts, times: { day, moment } }: AccountWork,
  { startTime, latestAccessTime, consentTime }: Application,
): string => {
  if (startTime !== undefined && latestAccessTime !== undefined) {
    const since = fillText(texts.appSince, { date: day(Date.parse(startTime)) });
    return `${since} · ${fillText(texts.appActive, { time: moment(latestAccessTime) })}`;
  }
  if (consentTime === undefined) return texts.appAllowed;
  return fillText(texts.appAllowedSince, { date: day(Date.parse(consentTime)) });
};
