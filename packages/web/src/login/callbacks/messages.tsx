import { Note } from '../../kit/parts/note.tsx';
import { RichTextView } from '../../kit/rich-text/rich-text-view.tsx';
import { Lead } from '../parts/screen-head.tsx';
import { isMessage, type Step, textOf } from '../step/step.ts';
import { say } from '../texts/say.ts';

/** The texts of a step for a person: information as lead, warnings and errors as notes that say so in words. */
export const Messages = ({ step }: { readonly step: Step }) => (
  <>
    {step.callbacks.filter(isMessage).map((callback) => {
      const message = textOf(callback, 'message');
      const kind = textOf(callback, 'messageType');
      if (message === '') return null;
      if (kind !== '1' && kind !== '2') return <Lead key={message} text={message} />;
      return (
        <Note key={message} tone={kind === '1' ? 'warn' : 'danger'}>
          <strong>{say(kind === '1' ? 'warning' : 'error')}</strong>
          <RichTextView text={message} newTab={say('newTab')} />
        </Note>
      );
    })}
  </>
);
