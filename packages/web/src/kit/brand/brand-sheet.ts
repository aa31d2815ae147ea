import { type BrandColours, brandColours } from './brand-colours.ts';

const declarations = (colours: BrandColours): string =>
  Object.entries(colours)
    .map(([name, value]) => `--a-${name}: ${value};`)
    .join(' ');

/**
 * The style sheet of a realm's colour, `#rrggbb`. It is in no layer and so comes before tokens.css, whose three themes it
 * repeats.
 */
export const brandSheet = (colour: string): string => {
  const { light, dark } = brandColours(colour);
  return [
    `:root { ${declarations(light)} }`,
    `@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${declarations(dark)} } }`,
    `:root[data-theme="dark"] { ${declarations(dark)} }`,
  ].join('\n');
};
