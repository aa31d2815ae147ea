import { type ComponentProps, type FunctionComponent, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type LazyScreens = typeof import('./lazy-screens.ts').lazyScreens;

let loaded: LazyScreens | undefined;

/** Loads the later screens, once. */
export const loadLazyScreens = async (): Promise<LazyScreens> => {
  loaded ??= (await import('./lazy-screens.ts')).lazyScreens;
  return loaded;
};

const retryAfter = 2_000;

type Turned = { turned(): void };

/** A screen of the later chunk: there at once if that has come, else as soon as it comes. */
export const lazyScreen = <Name extends keyof LazyScreens>(
  name: Name,
): FunctionComponent<Omit<ComponentProps<LazyScreens[Name]>, keyof Turned> & Turned> => {
  const Screen = (props: Turned) => {
    const [screens, setScreens] = useState(loaded);
    useEffect(() => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let here = true;
      const load = (): void =>
        void loadLazyScreens().then(
          (all) => {
            if (!here) return;
            setScreens(all);
            props.turned();
          },
          () => {
            if (here) timer = setTimeout(load, retryAfter);
          },
        );
      // By what was rendered, not by what is loaded now: the chunk may have come between the two.
      if (screens === undefined) load();
      return () => {
        here = false;
        clearTimeout(timer);
      };
    }, []);
    // Name and properties belong together by the table of laterScreens, which the compiler cannot follow through a type parameter.
    return screens === undefined ? null : h(screens[name] as unknown as FunctionComponent<Turned>, props);
  };
  return Screen;
};
