let region: HTMLElement | undefined;

/** Says something to a screen reader, without moving anybody. */
export const announce = (text: string): void => {
  if (region === undefined) {
    region = document.createElement('p');
    region.className = 'sr-only';
    region.setAttribute('role', 'status');
    document.querySelector('main')?.append(region);
  }
  region.textContent = text;
};
