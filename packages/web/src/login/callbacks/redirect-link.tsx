import { Note } from '../../kit/parts/note.tsx';
import { textOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ControlProps } from './control-props.ts';

/** RedirectCallback: says where it leads, and goes there when somebody presses it. Only addresses of the web, only by GET. */
export const RedirectLink = ({ callback }: ControlProps) => {
  const given = textOf(callback, 'redirectUrl');
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === undefined || !isWeb || textOf(callback, 'redirectMethod') === 'POST')
    return <Note tone="warn">{say('cantDo', { type: callback.type })}</Note>;
  return (
    <a class="k-btn" data-kind="primary" href={url.href} rel="noreferrer">
      {say('redirect', { host: url.host })}
    </a>
  );
};
