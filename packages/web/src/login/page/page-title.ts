import type { PageState } from '../journey/page-state.ts';
import { say } from '../texts/say.ts';

/** The title of the window: what the page shows, whether that is an error, and whose page it is. @see ux.md §2.1 */
export const titleOf = (
  state: PageState,
  /** The heading of the screen, and what a person calls the realm. */
  { screen, realm }: { readonly screen: string; readonly realm: string },
): string => {
  const isWrong = state.kind === 'end' || (state.kind === 'step' && (state.ranOut || state.problem !== undefined));
  return say(isWrong ? 'titleError' : 'titleScreen', { screen, realm });
};
