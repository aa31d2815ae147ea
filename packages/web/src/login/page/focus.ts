import type { PageState } from '../journey/page-state.ts';

/** Screens whose first empty field gets the focus; on all others it is the heading. @see ux.md §2.8 */
export const typedInto: ReadonlySet<string> = new Set(['credentials', 'recovery', 'form']);

/** Puts the focus where a person goes on: the first empty field, or else the heading. */
export const placeFocus = (main: HTMLElement, state: PageState, beginning: boolean): void => {
  // Somebody was quicker than the script.
  if (beginning && main.contains(document.activeElement)) return;
  const byFinger = matchMedia('(pointer: coarse)').matches;
  if (state.kind === 'step' && typedInto.has(state.screen.kind) && !byFinger) {
    const fields = [...main.querySelectorAll<HTMLInputElement>('input[data-position]')];
    const empty = fields.find((field) => field.value === '');
    if (empty !== undefined) {
      empty.focus();
      return;
    }
  }
  // On a phone nothing is focused on arrival: no surprise keyboard, and the page is read from its top anyway.
  if (beginning && byFinger) return;
  main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
};
