import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { clockTime } from '../../kit/language/clock-time.ts';
import { Filled } from '../../kit/language/filled.tsx';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import type { DeskEntry, RequestDesk } from '../model/request-desk.ts';
import { say } from '../texts/say.ts';
import { Badge } from './badge.tsx';
import { useNow } from './now.ts';
import { NumberPad } from './number-pad.tsx';
import { RequestFacts } from './request-facts.tsx';

/** A request that waits for its person. Denying is as large and as near as approving. @see ux.md §3.2 */
export const RequestScreen = ({
  entry,
  place,
  desk,
}: {
  readonly entry: DeskEntry;
  /** Which of how many. */
  readonly place: { readonly n: number; readonly all: number };
  readonly desk: RequestDesk;
}) => {
  const { request, phase, problem } = entry;
  const { messageId, title, ask, demandsVerification } = request;
  const [number, setNumber] = useState('');
  const now = useNow();
  const left = request.expiresAt - now;
  useSpokenTime(left);
  const isBusy = phase.kind !== 'open';
  // Nothing that is typed or tapped could approve it here.
  const canApprove = problem === undefined || problem === 'not-verified';

  const approve = (chosen?: string): void => {
    if (isBusy) return;
    if (ask.kind === 'type' && number.length < ask.digits) {
      announce('alert', say('numberMissing', { n: ask.digits }));
      return;
    }
    void desk.approve(messageId, ask.kind === 'type' ? number : chosen);
  };
  const isIncomplete = ask.kind === 'type' && number.length < ask.digits;

  return (
    <form
      class="k-enter p-request"
      onSubmit={(event) => {
        event.preventDefault();
        if (ask.kind !== 'choose') approve();
      }}
    >
      <div class="k-head">
        <p class="p-left">
          <span role="timer">{say('requestLeft', { time: clockTime(Math.max(0, Math.ceil(left / 1_000))) })}</span>
          {place.all > 1 ? <span>{say('requestCount', place)}</span> : null}
        </p>
        <h1 tabIndex={-1}>{say('requestHeading')}</h1>
        <p class="p-who">
          <Badge title={title} />
          <span>
            <Filled text={say('requestQuestion')} values={{ issuer: title }} />
          </span>
        </p>
      </div>
      <div class="k-stack">
        {place.all > 1 ? <Note tone="warn">{say('requestMore')}</Note> : null}
        <RequestFacts request={request} now={now} />
        {demandsVerification && canApprove ? <p class="k-muted k-small">{say('verifyNote')}</p> : null}
        {problem === undefined ? null : (
          <Note tone="danger">{say(problem === 'not-verified' ? 'verifyFailed' : 'verifyImpossible')}</Note>
        )}
        {canApprove && ask.kind === 'type' ? (
          <NumberPad digits={ask.digits} value={number} onChange={setNumber} />
        ) : null}
        {canApprove && ask.kind === 'choose' ? (
          <fieldset class="p-choices">
            <legend>{say('numberChoose')}</legend>
            <div dir="ltr">
              {ask.choices.map((choice) => (
                <button
                  key={choice}
                  class="k-btn p-key"
                  type="button"
                  aria-label={say('numberChoice', { number: choice })}
                  aria-disabled={isBusy ? 'true' : undefined}
                  onClick={() => approve(String(choice))}
                >
                  {choice}
                </button>
              ))}
            </div>
          </fieldset>
        ) : null}
        <div class="p-decide">
          <Button kind="danger" busy={isBusy} onPress={() => void desk.startDeny(messageId)}>
            {say('deny')}
          </Button>
          {!canApprove || ask.kind === 'choose' ? null : (
            <button
              class="k-btn"
              data-kind="primary"
              type="submit"
              aria-disabled={isBusy || isIncomplete ? 'true' : undefined}
            >
              {say(
                phase.kind === 'sending'
                  ? 'approving'
                  : phase.kind === 'checking' && demandsVerification
                    ? 'verifyChecking'
                    : 'approve',
              )}
            </button>
          )}
        </div>
      </div>
    </form>
  );
};

/** Time is spoken twice, not every second. @see ux.md §2.5 "Timer" */
const useSpokenTime = (left: number): void => {
  const before = useRef(left);
  useEffect(() => {
    const passed = [30, 10].find((mark) => before.current > mark * 1_000 && left <= mark * 1_000);
    before.current = left;
    if (passed !== undefined) announce('status', say('requestLeftSoon', { n: passed }));
  }, [left]);
};
