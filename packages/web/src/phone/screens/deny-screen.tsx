import type { DenyReason } from '@assent/push/protocol';
import { useState } from 'preact/hooks';
import { Button } from '../../kit/parts/button.tsx';
import type { DeskEntry, RequestDesk } from '../model/request-desk.ts';
import { say } from '../texts/say.ts';
import { Screen } from './screen.tsx';

const reasons = [
  ['not_me', 'denyNotMe'],
  ['cancelled', 'denyCancelled'],
  ['other', 'denyOther'],
] as const satisfies readonly (readonly [DenyReason, string])[];

/** The second tap of a denial: why. Who leaves here, or says nothing, has denied. @see ux.md §3.2 "Deny" */
export const DenyScreen = ({ entry, desk }: { readonly entry: DeskEntry; readonly desk: RequestDesk }) => {
  const { messageId } = entry.request;
  const [reason, setReason] = useState<DenyReason>();
  return (
    <Screen title={say('denyHeading')} lead={say('denyLead')}>
      <form
        class="k-stack"
        onSubmit={(event) => {
          event.preventDefault();
          void desk.deny(messageId, reason ?? 'other');
        }}
      >
        <fieldset>
          <legend class="sr-only">{say('denyHeading')}</legend>
          {reasons.map(([value, text]) => (
            <label key={value} class="k-check">
              <input
                type="radio"
                name="reason"
                value={value}
                checked={reason === value}
                onChange={() => {
                  setReason(value);
                  desk.waitForReason(messageId);
                }}
              />
              <span>{say(text)}</span>
            </label>
          ))}
        </fieldset>
        <div class="k-actions">
          <Button kind="danger" submit>
            {say('denyNow')}
          </Button>
          <Button kind="quiet" onPress={() => desk.takeBack(messageId)}>
            {say('denyBack')}
          </Button>
        </div>
      </form>
    </Screen>
  );
};
