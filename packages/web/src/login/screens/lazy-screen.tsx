import { type ComponentProps, type FunctionComponent, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type Turned = { turned(): void };

// biome-ignore lint/suspicious/noExplicitAny: screens have properties of all kinds, which `LazyScreen` keeps
type Screens = Readonly<Record<string, FunctionComponent<any>>>;

/** What a lazy screen is given: the same, and what it tells once it is there. */
type LazyScreen<Screen> =
  Screen extends FunctionComponent<infer Props> ? FunctionComponent<Omit<Props, keyof Turned> & Turned> : never;

/** Screens of a chunk of their own. */
export interface LazyScreens<All extends Screens> {
  /** Loads the chunk, once. */
  load(): Promise<All>;
  /** One of them: there at once if the chunk has come, else as soon as it comes. */
  screen<Name extends keyof All>(name: Name): LazyScreen<All[Name]>;
}

const retryAfter = 2_000;

export const lazyScreens = <All extends Screens>(importAll: () => Promise<All>): LazyScreens<All> => {
  let loaded: All | undefined;
  const load = async (): Promise<All> => {
    loaded ??= await importAll();
    return loaded;
  };
  const screen = <Name extends keyof All>(name: Name): LazyScreen<All[Name]> => {
    const Screen = (props: ComponentProps<All[Name]> & Turned) => {
      const [screens, setScreens] = useState(loaded);
      useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        let here = true;
        const show = (): void =>
          void load().then(
            (all) => {
              if (!here) return;
              setScreens(all);
              props.turned();
            },
            () => {
              if (here) timer = setTimeout(show, retryAfter);
            },
          );
        // By what was rendered, not by what is loaded now: the chunk may have come between the two.
        if (screens === undefined) show();
        return () => {
          here = false;
          clearTimeout(timer);
        };
      }, []);
      return screens === undefined ? null : h(screens[name] as FunctionComponent, props);
    };
    return Screen as unknown as LazyScreen<All[Name]>;
  };
  return { load, screen };
};
