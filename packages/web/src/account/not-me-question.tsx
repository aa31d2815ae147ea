import { useEffect, useId, useState } from 'preact/hooks';
import { announce } from '../kit/browser/announce.ts';
import { fillText } from '../kit/language/fill-text.ts';
import { Button } from '../kit/parts/button.tsx';
import { Note } from '../kit/parts/note.tsx';
import { RuleList, type ShownRule } from '../kit/parts/rule-list.tsx';
import type { Activity, JudgedPassword, ListedSession } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { originOf } from './origin-of.ts';
import { Question } from './question.tsx';

/** Somebody else did something: what there is to do about it, the most urgent first (ux.md §5, SEC-13). */
export const NotMeQuestion = ({
  work,
  item,
  sentence,
  sessions,
  toDevices,
  onClose,
}: {
  readonly work: AccountWork;
  readonly item: Activity;
  readonly sentence: string;
  readonly sessions: readonly ListedSession[];
  /** Where a phone that nobody knows can be removed. */
  toDevices(): void;
  onClose(): void;
}) => {
  const { texts, times, client, owner } = work;
  const [busy, setBusy] = useState(false);
  const others = sessions.filter(({ isCurrent }) => !isCurrent);
  const [pausing, setPausing] = useState(false);
  const [isPaused, setPaused] = useState(false);
  const endOthers = async (): Promise<void> => {
    setBusy(true);
    await work.change(undefined, () => client.endSessions(owner, others), texts.othersEnded);
    setBusy(false);
  };
  const pause = async (): Promise<void> => {
    setPausing(true);
    const reply = await client.pauseRequests(owner);
    await work.change(undefined, async () => reply, texts.requestsPaused);
    setPausing(false);
    setPaused(reply.kind === 'done');
  };
  return (
    <Question title={texts.notMeAsk} onClose={onClose}>
      <p>
        {sentence} · <time dateTime={item.time}>{times.moment(item.time)}</time>
        {item.address === undefined ? null : (
          <>
            {' · '}
            <bdi>{originOf(item, texts)}</bdi>
          </>
        )}
      </p>
      <ol class="a-steps">
        <li>
          <p>
            {others.length === 0 ? texts.nowhereElse : fillText(texts.notMeSessions, { count: String(others.length) })}
          </p>
          {others.length === 0 ? null : (
            <Button busy={busy} busyText={texts.loading} onPress={() => void endOthers()}>
              {texts.endOthers}
            </Button>
          )}
        </li>
        <li>
          <p>{texts.notMePause}</p>
          {isPaused ? (
            <Note tone="info">{texts.requestsPaused}</Note>
          ) : (
            <Button busy={pausing} busyText={texts.loading} onPress={() => void pause()}>
              {texts.pauseRequests}
            </Button>
          )}
        </li>
        <li>
          <p>{texts.notMePassword}</p>
          <PasswordForm work={work} />
        </li>
        <li>
          <p>{texts.notMeDevices}</p>
          <Button onPress={toDevices}>{texts.notMeShowDevices}</Button>
        </li>
      </ol>
      <Button kind="quiet" onPress={onClose}>
        {texts.cancel}
      </Button>
    </Question>
  );
};

type Problem = 'passwordWrong' | 'passwordRefused' | 'notDone';

/** The rules by the names that pages have for them; that of the length is told with its number. */
const RULES = [
  ['MIN_LENGTH', 'passwordRuleLength'],
  ['DICTIONARY', 'passwordRuleCommon'],
  ['PATTERN', 'passwordRulePattern'],
  ['CANNOT_CONTAIN_OTHERS', 'passwordRulePersonal'],
] as const;

/** The server ends every other session and every request that waits with the old password (SEC-61). */
const PasswordForm = ({ work }: { readonly work: AccountWork }) => {
  const { texts, client, owner } = work;
  const id = useId();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [isDone, setDone] = useState(false);
  const [judged, setJudged] = useState<JudgedPassword & { readonly password: string }>();
  const judge = async (password: string): Promise<void> => {
    const reply = await client.judgePassword(owner, password);
    if (reply.kind === 'done') setJudged({ ...reply.value, password });
  };
  // What they are is asked once; that they cannot be told keeps nobody from trying.
  useEffect(() => {
    void judge('');
  }, []);
  const rules = (minLength: number): readonly ShownRule[] =>
    RULES.map(([name, text]) => ({
      text: fillText(texts[text], { count: String(minLength) }),
      isKept:
        name === 'MIN_LENGTH'
          ? [...next].length >= minLength
          : next !== '' && next === judged?.password && !judged.broken.includes('MIN_LENGTH')
            ? !judged.broken.includes(name)
            : undefined,
    }));
  const refuse = (reason: Problem): void => {
    setProblem(reason);
    announce('alert', texts[reason]);
  };
  const send = async (): Promise<void> => {
    setBusy(true);
    const reply = await client.changePassword(owner, { current, next });
    setBusy(false);
    if (reply.kind === 'refused' && reply.field !== 'currentpassword') void judge(next);
    if (reply.kind === 'refused')
      return refuse(reply.field === 'currentpassword' ? 'passwordWrong' : 'passwordRefused');
    if (reply.kind === 'failed' || reply.kind === 'changed') return refuse('notDone');
    setDone(reply.kind === 'done');
    await work.change(undefined, async () => reply, texts.passwordChanged);
  };
  if (isDone) return <Note tone="info">{texts.passwordChanged}</Note>;
  const field = (name: 'current' | 'next', label: string, value: string, set: (value: string) => void) => (
    <div class="k-field">
      <label for={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        class="k-input"
        type="password"
        autocomplete={name === 'current' ? 'current-password' : 'new-password'}
        required
        maxLength={1024}
        readOnly={busy}
        aria-invalid={problem === (name === 'current' ? 'passwordWrong' : 'passwordRefused') ? 'true' : undefined}
        aria-describedby={
          [problem === undefined ? '' : `${id}-problem`, name === 'next' && judged !== undefined ? `${id}-rules` : '']
            .filter((it) => it !== '')
            .join(' ') || undefined
        }
        value={value}
        onBlur={name === 'next' ? () => void judge(next) : undefined}
        onInput={({ currentTarget }) => set(currentTarget.value)}
      />
    </div>
  );
  return (
    <form
      class="k-stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void send();
      }}
    >
      {/* For the manager of passwords that keeps the new one. */}
      <input type="text" hidden autocomplete="username" value={owner.name} readOnly />
      {field('current', texts.passwordCurrent, current, setCurrent)}
      {field('next', texts.passwordNext, next, setNext)}
      {judged === undefined ? null : (
        <RuleList
          id={`${id}-rules`}
          rules={rules(judged.minLength)}
          label={texts.passwordRules}
          done={texts.passwordRuleDone}
          needed={texts.passwordRuleNeeded}
        />
      )}
      {problem === undefined ? null : (
        <p id={`${id}-problem`} class="k-field-error">
          {texts[problem]}
        </p>
      )}
      <Button submit busy={busy} busyText={texts.loading}>
        {texts.passwordChange}
      </Button>
    </form>
  );
};
