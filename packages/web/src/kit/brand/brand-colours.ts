import { contrastRatio } from './contrast.ts';

/** The colours of tokens.css that follow from the one of a realm, as `#rrggbb`. */
export interface BrandColours {
  readonly accent: string;
  readonly 'on-accent': string;
  readonly 'accent-hover': string;
  readonly 'accent-soft': string;
}

interface Theme {
  /** What stands behind the accent; the same as in tokens.css. */
  readonly grounds: readonly [surface: string, ...others: string[]];
  /** Text on the accent. */
  readonly on: string;
  /** Where a colour goes that is too near to its ground. */
  readonly away: string;
  /** How much of the ground is in the soft accent, and of `away` in the one under the pointer. */
  readonly soft: number;
  readonly hover: number;
}

const THEMES = {
  light: { grounds: ['#ffffff', '#f6f8f6'], on: '#ffffff', away: '#000000', soft: 0.88, hover: 0.2 },
  dark: { grounds: ['#19211d', '#101613', '#212b26'], on: '#101613', away: '#ffffff', soft: 0.8, hover: 0.25 },
} as const satisfies Readonly<Record<string, Theme>>;

/** Contrast of text. @see WCAG 2.2, 1.4.3 */
const READABLE = 4.5;
const STEPS = 20;

/**
 * Both sets for a realm's colour, `#rrggbb`. The colour is kept where text in it can be read on every ground that it has,
 * and is else darkened by day and lightened by night, as little as is needed.
 */
export const brandColours = (colour: string): Readonly<Record<keyof typeof THEMES, BrandColours>> => ({
  light: coloursIn(THEMES.light, colour),
  dark: coloursIn(THEMES.dark, colour),
});

const coloursIn = ({ grounds, on, away, soft: ground, hover }: Theme, colour: string): BrandColours => {
  const soft = mix(colour, grounds[0], ground);
  const isReadable = (it: string): boolean => [...grounds, soft].every((other) => contrastRatio(it, other) >= READABLE);
  const accent = Array.from({ length: STEPS }, (_, step) => mix(colour, away, step / STEPS)).find(isReadable) ?? away;
  return { accent, 'on-accent': on, 'accent-hover': mix(accent, away, hover), 'accent-soft': soft };
};

const mix = (one: string, other: string, share: number): string => {
  const part = (colour: string, at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => Math.round(part(one, at) * (1 - share) + part(other, at) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
};
