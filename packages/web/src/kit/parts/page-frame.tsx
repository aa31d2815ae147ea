import type { PagePicture } from '@assent/wire';
import type { ComponentChildren, Ref } from 'preact';
import { type LanguageChoice, LanguageChooser } from '../language/language-chooser.tsx';
import { Mark } from './mark.tsx';

/** The frame of a page for a person: whose it is, the one thing to do, and what else there is. @see ux.md §2.1 */
export const PageFrame = ({
  name,
  logo,
  wide = false,
  mainRef,
  foot,
  languages,
  children,
}: {
  readonly name: string;
  /** A picture instead of our mark. */
  readonly logo?: PagePicture | undefined;
  readonly wide?: boolean;
  readonly mainRef?: Ref<HTMLElement>;
  readonly foot?: ComponentChildren;
  readonly languages: LanguageChoice;
  readonly children: ComponentChildren;
}) => (
  <>
    <div class="k-card" data-wide={wide ? '' : undefined}>
      <header class="k-brand">
        {logo === undefined ? <Mark /> : <img class="k-logo" {...fitting(logo)} alt="" />}
        <bdi>{name}</bdi>
      </header>
      <main {...(mainRef === undefined ? {} : { ref: mainRef })}>
        {children}
        {foot === undefined ? null : <div class="k-foot">{foot}</div>}
      </main>
    </div>
    <footer class="k-page-foot">
      <LanguageChooser {...languages} />
    </footer>
  </>
);

/** What `.k-logo` leaves room for, in pixels. */
const MAX_LOGO = { width: 128, height: 40 } as const;

/** The picture no larger than that, in its own proportions: so much room is kept before it has come. */
const fitting = ({ src, width, height }: PagePicture): PagePicture => {
  if (width === undefined || height === undefined) return { src };
  const scale = Math.min(1, MAX_LOGO.width / width, MAX_LOGO.height / height);
  return { src, width: Math.round(width * scale), height: Math.round(height * scale) };
};
