import type { HeldLogin } from '@assent/wire';
import { pressed } from '../posted-step.tsx';
import { say } from '../say.ts';
import type { TextId } from '../texts.en.ts';

type News = keyof HeldLogin['closings'];

const ends: Readonly<
  Record<News, (isSetup: boolean) => readonly [heading: TextId, text: TextId | undefined, button: TextId]>
> = {
  ready: () => ['phoneAnswered', undefined, 'continue'],
  expired: (isSetup) =>
    isSetup ? ['setupRanOut', 'setupRanOutText', 'setupRanOutDo'] : ['ranOut', 'ranOutText', 'ranOutDo'],
  withdrawn: () => ['endWithdrawn', 'endWithdrawnText', 'startOver'],
};

const values = { ready: 'check', expired: 'go-on', withdrawn: 'over' } as const;

/** The last part of an answer that was held until there was news of the phone: it takes the place of the page that waited. */
export const HeldEnd = ({ news, isSetup }: { readonly news: News; readonly isSetup: boolean }) => {
  const [heading, text, button] = ends[news](isSetup);
  return (
    <div class="k-page l-held">
      <main class="k-card">
        <div class="k-head" role="alert">
          <h1>{say(heading)}</h1>
          {text === undefined ? null : <p class="k-lead">{say(text)}</p>}
        </div>
        <div class="k-actions">
          <button class="k-btn" type="submit" data-kind="primary" {...pressed} value={values[news]}>
            {say(button)}
          </button>
        </div>
      </main>
    </div>
  );
};
