const drawings = {
  alert: 'M10 6v4.5M10 13.5v.01M10 2.5l8 14.5H2z',
  info: 'M10 9v5M10 6v.01M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15z',
  copy: 'M7.5 7.5h9v9h-9zM12.500 7.500v-4h-9v9h4',
  download: 'M10 3v10M6 9.500 10 13.500 14 9.500M3.500 16.500h13',
  print: 'M6 7V3h8v4M6 14H3V7h14v7h-3M6 11.500h8V17H6z',
  phone: 'M6 2.500h8v15H6zM9 15h2',
  person: 'M10 3a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM3.500 17a6.500 6.500 0 0 1 13 0',
  clock: 'M10 5.500V10l3 2M10 2.500a7.500 7.500 0 1 1 0 15 7.500 7.500 0 0 1 0-15z',
  tick: 'M4 10.500l4 4 8-9',
  gear: 'M3 6h6M13 6h4M3 14h3M10 14h7M11 4v4M8 12v4',
} as const;

/** A small picture beside a word, never instead of one. */
export const Icon = ({ name }: { readonly name: keyof typeof drawings }) => (
  <svg class="k-icon" viewBox="0 0 20 20" aria-hidden="true">
    <path d={drawings[name]} />
  </svg>
);
