import { excerpt } from './excerpt.ts';
import type { Found } from './find-sections.ts';
import { form, hrefOf, loadSearch } from './load-search.ts';

const MAX_RESULTS = 50;

const resultItem = (found: Found): HTMLElement => {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = hrefOf(found);
  link.textContent = found.heading === '' ? found.page : `${found.page}: ${found.heading}`;
  const where = document.createElement('p');
  where.className = 's-where';
  where.textContent = found.part;
  const text = document.createElement('p');
  text.append(...excerpt(found.text, found.words));
  item.append(link, where, text);
  return item;
};

const paragraph = (text: string): HTMLElement => {
  const element = document.createElement('p');
  element.textContent = text;
  return element;
};

/** How many were found, in words. */
export const countOf = (found: readonly Found[]): string => {
  if (found.length === 0) return 'Nothing was found.';
  return found.length === 1 ? '1 result' : `${found.length} results`;
};

/** Fills the page of results with what its address asks for. */
export const showResults = async (): Promise<void> => {
  const results = document.querySelector('#results');
  const field = form()?.querySelector('input');
  if (results === null || !field) return;
  const query = new URLSearchParams(location.search).get('q')?.trim() ?? '';
  if (query === '') {
    results.replaceChildren(paragraph('Write what you look for into the field at the top.'));
    return;
  }
  field.value = query;
  results.replaceChildren(paragraph('Searching …'));
  try {
    const found = (await loadSearch())(query);
    document.title = `${query}: ${countOf(found)} · Assent`;
    const list = document.createElement('ol');
    list.className = 's-results';
    list.append(...found.slice(0, MAX_RESULTS).map(resultItem));
    const count = paragraph(`${countOf(found)} for “${query}”`);
    count.setAttribute('role', 'status');
    results.replaceChildren(count, ...(found.length === 0 ? [] : [list]));
  } catch {
    results.replaceChildren(
      paragraph('The index of the search did not load. Try again, or look at the list of all pages.'),
    );
  }
};
