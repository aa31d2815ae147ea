import { Filled } from '../../kit/language/filled.tsx';
import { Message } from './message.tsx';
import type { ScreenProps } from './screen-props.ts';

/** The answer to an application, as a form that a script sends; where none runs, a button does (OAuth 2.0 Form Post Response Mode §2). */
export const FormPostScreen = ({ screen: { action, host, fields }, say }: ScreenProps<'formPost'>) => (
  <>
    <Message heading={say('formPost')} text={<Filled text={say('formPostLead')} values={{ host }} />} />
    <form class="k-actions" method="post" action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button class="k-btn" type="submit" data-kind="primary">
        {say('continue')}
      </button>
    </form>
  </>
);
