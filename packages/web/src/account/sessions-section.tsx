import { useRef, useState } from 'preact/hooks';
import { fillText } from '../kit/language/fill-text.ts';
import { Button } from '../kit/parts/button.tsx';
import type { ListedSession } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { originOf } from './origin-of.ts';
import { Section } from './section.tsx';

/** Where the user is signed in. A user with a second factor ends other sessions only in a session that has shown it. */
export const SessionsSection = ({
  work,
  sessions,
}: {
  readonly work: AccountWork;
  readonly sessions: readonly ListedSession[];
}) => {
  const { texts, times } = work;
  const [busy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const others = sessions.filter(({ isCurrent }) => !isCurrent);
  const endOthers = async (): Promise<void> => {
    setBusy(true);
    await work.change(undefined, () => work.client.endSessions(work.owner, others), texts.othersEnded);
    setBusy(false);
    heading.current?.focus();
  };
  return (
    <Section
      title={texts.sessions}
      headingRef={heading}
      action={
        others.length === 0 ? null : (
          <Button busy={busy} busyText={texts.loading} onPress={() => void endOthers()}>
            {texts.endOthers}
          </Button>
        )
      }
    >
      <ul class="a-list">
        {[...sessions.filter(({ isCurrent }) => isCurrent), ...others].map((session) => (
          <li key={session.sessionHandle}>
            <div class="a-item">
              <p class="a-place">
                <bdi>{originOf(session, texts)}</bdi>
                {session.isCurrent ? <span class="a-mark">{texts.thisSession}</span> : null}
              </p>
              <p class="k-muted k-small">{fillText(texts.signedInAt, { time: times.moment(session.startTime) })}</p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
};
