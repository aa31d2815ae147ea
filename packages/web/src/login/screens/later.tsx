import { type FunctionComponent, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Screen } from '../screen-of-step.ts';
import type { ScreenProps } from './screen-props.ts';

type LaterScreens = typeof import('./later-screens.ts').laterScreens;

let loaded: LaterScreens | undefined;

/** Loads the later screens, once. */
export const loadLaterScreens = async (): Promise<LaterScreens> => {
  loaded ??= (await import('./later-screens.ts')).laterScreens;
  return loaded;
};

const retryAfter = 2_000;

/** A screen of the later chunk: there at once if that has come, else as soon as it comes. */
export const later = <Kind extends Screen['kind'] & keyof LaterScreens>(
  kind: Kind,
): FunctionComponent<ScreenProps<Kind>> => {
  const Later = (props: ScreenProps<Kind>) => {
    const [screens, setScreens] = useState(loaded);
    useEffect(() => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let here = true;
      const load = (): void =>
        void loadLaterScreens().then(
          (all) => {
            if (!here) return;
            setScreens(all);
            props.turned();
          },
          () => {
            if (here) timer = setTimeout(load, retryAfter);
          },
        );
      // By what was drawn, not by what is loaded now: the chunk may have come between the two.
      if (screens === undefined) load();
      return () => {
        here = false;
        clearTimeout(timer);
      };
    }, []);
    // Kind and screen belong together by the table of laterScreens, which the compiler cannot follow through a type parameter.
    return screens === undefined ? null : h(screens[kind] as unknown as FunctionComponent<ScreenProps<Kind>>, props);
  };
  return Later;
};
