import type { HeldLogin } from '@assent/wire';
import type { Language } from '../../kit/language/language.ts';
import { PageFrame } from '../../kit/parts/page-frame.tsx';
import type { RealmPage } from '../address/realm-page.ts';
import { PostedField, pressed } from '../step/posted-step.tsx';
import { say } from '../texts/say.ts';
import type { TextId } from '../texts/texts.en.ts';

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

/** Id of a form of its own: the page that waited is still there, unseen, and has a language in its form, too. */
const heldForm = 'held';

/** The last part of an answer that was held until there was news of the phone: it takes the place of the page that waited. */
export const HeldEnd = ({
  news,
  isSetup,
  realm: { name, logo },
  language,
  posted,
}: {
  readonly news: News;
  readonly isSetup: boolean;
  readonly realm: RealmPage;
  readonly language: Language;
  readonly posted: string;
}) => {
  const [heading, text, button] = ends[news](isSetup);
  const posts = { form: heldForm, label: say('apply') };
  return (
    <div class="k-page l-held">
      <PageFrame name={name} logo={logo} languages={{ language, label: say('language'), choose: () => {}, posts }}>
        <div class="k-head" role="alert">
          <h1>{say(heading)}</h1>
          {text === undefined ? null : <p class="k-lead">{say(text)}</p>}
        </div>
        <div class="k-actions">
          <button class="k-btn" type="submit" data-kind="primary" {...pressed} value={values[news]}>
            {say(button)}
          </button>
        </div>
        <form id={heldForm} method="post">
          <PostedField posted={posted} />
        </form>
      </PageFrame>
    </div>
  );
};
