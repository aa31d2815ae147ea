import type { FoundPage } from '../search/sections.ts';
import { type Found, searchOver } from './find-sections.ts';

export const form = (): HTMLFormElement | null => document.querySelector('.s-search');

let loading: Promise<(query: string) => readonly Found[]> | undefined;

/** The search, made of its index when somebody begins to search. */
export const loadSearch = (): Promise<(query: string) => readonly Found[]> => {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = form()?.dataset.index ?? '';
    script.addEventListener('load', () => {
      const { assentPages = [] } = globalThis as { readonly assentPages?: readonly FoundPage[] };
      resolve(searchOver(assentPages));
    });
    script.addEventListener('error', () => {
      loading = undefined;
      script.remove();
      reject(new Error(`${script.src} did not load.`));
    });
    document.head.append(script);
  });
  return loading;
};

/** The address of what was found, from the page that is shown. */
export const hrefOf = ({ href }: Found): string => `${form()?.dataset.root ?? ''}${href}`;
