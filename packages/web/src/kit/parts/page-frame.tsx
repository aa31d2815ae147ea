import type { PagePicture } from '@assent/wire';
import type { ComponentChildren, Ref } from 'preact';
import { type LanguageChoice, LanguageChooser } from '../language/language-chooser.tsx';
import { Mark } from './mark.tsx';
import { fitting } from './picture.ts';

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
  /** Absent on a page that cannot be shown anew in another language. */
  readonly languages?: LanguageChoice | undefined;
  readonly children: ComponentChildren;
}) => (
  <>
    <div class="k-card" data-wide={wide ? '' : undefined}>
      <header class="k-brand">
        {logo === undefined ? <Mark /> : <img class="k-logo" {...fitting(logo, MAX_LOGO)} alt="" />}
        <bdi>{name}</bdi>
      </header>
      <main {...(mainRef === undefined ? {} : { ref: mainRef })}>
        {children}
        {foot === undefined ? null : <div class="k-foot">{foot}</div>}
      </main>
    </div>
    {languages === undefined ? null : (
      <footer class="k-page-foot">
        <LanguageChooser {...languages} />
      </footer>
    )}
  </>
);

/** What `.k-logo` leaves room for, in pixels. */
const MAX_LOGO = { width: 128, height: 40 } as const;
