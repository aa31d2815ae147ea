import { announce } from './announce.ts';
import type { Found } from './find-sections.ts';
import { form, hrefOf, loadSearch } from './load-search.ts';
import { countOf } from './search-results.ts';

const MAX_SUGGESTIONS = 8;
/** Long enough for a word to be typed before a screen reader is told how many there are. */
const QUIET_MILLIS = 700;

const optionOf = (found: Found, at: number): HTMLElement => {
  const option = document.createElement('a');
  option.id = `suggestion-${at}`;
  option.setAttribute('role', 'option');
  option.setAttribute('aria-selected', 'false');
  option.tabIndex = -1;
  option.href = hrefOf(found);
  const title = document.createElement('b');
  title.textContent = found.heading === '' ? found.page : found.heading;
  const where = document.createElement('span');
  where.textContent = found.heading === '' ? found.part : `${found.part} · ${found.page}`;
  option.append(title, ' ', where);
  return option;
};

/** The field with its suggestions: a combobox, as the ARIA Authoring Practices have it. */
class SearchBox {
  readonly #field: HTMLInputElement;
  readonly #list = document.createElement('div');
  #active = -1;
  #announcing: ReturnType<typeof setTimeout> | undefined;

  constructor(field: HTMLInputElement) {
    this.#field = field;
    this.#list.id = 'suggestions';
    this.#list.className = 's-suggestions';
    this.#list.hidden = true;
    this.#list.setAttribute('role', 'listbox');
    this.#list.setAttribute('aria-label', 'Suggestions');
    field.after(this.#list);
    field.setAttribute('role', 'combobox');
    field.setAttribute('aria-autocomplete', 'list');
    field.setAttribute('aria-controls', this.#list.id);
    field.setAttribute('aria-expanded', 'false');
    // The index comes while somebody reaches for the keys; where it does not come, the page of results says so.
    field.addEventListener('focus', () => void loadSearch().catch(() => {}));
    field.addEventListener('input', () => void this.#suggest());
    field.addEventListener('keydown', (event) => this.#keyPressed(event));
    // What is picked with a pointer stays there until it is picked.
    this.#list.addEventListener('pointerdown', (event) => event.preventDefault());
    field.addEventListener('blur', () => this.#show([]));
  }

  async #suggest(): Promise<void> {
    const query = this.#field.value.trim();
    const search = await loadSearch().catch(() => undefined);
    if (search === undefined || query !== this.#field.value.trim()) return;
    const found = query === '' ? [] : search(query);
    this.#show(found.slice(0, MAX_SUGGESTIONS));
    clearTimeout(this.#announcing);
    if (query !== '') this.#announcing = setTimeout(() => announce(countOf(found)), QUIET_MILLIS);
  }

  #show(found: readonly Found[]): void {
    this.#list.replaceChildren(...found.map(optionOf));
    this.#list.hidden = found.length === 0;
    this.#field.setAttribute('aria-expanded', String(found.length > 0));
    this.#activate(-1);
  }

  #activate(at: number): void {
    this.#active = at;
    for (const [index, option] of [...this.#list.children].entries()) {
      option.setAttribute('aria-selected', String(index === at));
      if (index === at) option.scrollIntoView({ block: 'nearest' });
    }
    if (at < 0) this.#field.removeAttribute('aria-activedescendant');
    else this.#field.setAttribute('aria-activedescendant', `suggestion-${at}`);
  }

  #keyPressed(event: KeyboardEvent): void {
    const count = this.#list.children.length;
    const option = this.#list.children[this.#active];
    if (event.key === 'ArrowDown' && count > 0) this.#activate((this.#active + 1) % count);
    else if (event.key === 'ArrowUp' && count > 0) this.#activate(this.#active <= 0 ? count - 1 : this.#active - 1);
    else if (event.key === 'Escape' && count > 0) this.#show([]);
    else if (event.key === 'Enter' && option instanceof HTMLAnchorElement) {
      option.click();
      this.#show([]);
    } else return;
    event.preventDefault();
  }
}

/** Makes the field of the head a search with suggestions; Control K or Command K leads to it. */
export const searchBox = (): void => {
  const field = form()?.querySelector('input');
  if (!field) return;
  new SearchBox(field);
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
};
