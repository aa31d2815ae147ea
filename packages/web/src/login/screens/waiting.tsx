import { Filled } from '../../kit/language/filled.tsx';
import { Ring } from '../../kit/parts/ring.tsx';
import { deviceNames } from '../device/device-names.ts';
import { pressed } from '../step/posted-step.tsx';
import type { Step } from '../step/step.ts';
import { language, say } from '../texts/say.ts';
import { TimeLeft } from './time-left.tsx';

/** Says for whom we wait, and for how long still where the server tells. */
export const Waiting = ({
  step,
  until,
  text,
}: {
  readonly step: Step;
  readonly until: number | undefined;
  readonly text: string;
}) => {
  const device = deviceNames(step.phone?.devices ?? [], {
    language: language(),
    more: (first, n) => say('waitDevices', { first, n }),
  });
  return (
    <p class="k-waiting">
      <Ring />
      <span>{device === undefined ? text : <Filled text={say('waitWaitingFor')} values={{ device }} />}</span>
      {until === undefined ? null : <TimeLeft until={until} />}
    </p>
  );
};

/** Without a script nobody sees by itself what the phone has said: a button asks. @see ux.md §2.9 */
export const CheckAgain = ({
  posted,
  text = say('checkAgain'),
}: {
  readonly posted: string | undefined;
  readonly text?: string;
}) =>
  posted === undefined ? null : (
    <button class="k-btn k-no-script" type="submit" {...pressed} value="check">
      {text}
    </button>
  );
