import { type ComponentProps, type FunctionComponent, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type LaterScreens = typeof import('./lazy-screens.ts').laterScreens;

let loaded: LaterScreens | undefined;

/** Loads the later screens, once. */
export const loadLaterScreens = async (): Promise<LaterScreens> => {
  loaded ??= (await import('./lazy-screens.ts')).laterScreens;
  return loaded;
};

const retryAfter = 2_000;

type Turned = { turned(): void };

/** A screen of the later chunk: there at once if that has come, else as soon as it comes. */
export const later = <Name extends keyof LaterScreens>(
  name: Name,
): FunctionComponent<Omit<ComponentProps<LaterScreens[Name]>, keyof Turned> & Turned> => {
  const Later = (props: Turned) => {
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
    // Name and properties belong together by the table of laterScreens, which the compiler cannot follow through a type parameter.
    return screens === undefined ? null : h(screens[name] as unknown as FunctionComponent<Turned>, props);
  };
  return Later;
};
