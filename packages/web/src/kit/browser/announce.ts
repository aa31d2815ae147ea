const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Says something to a screen reader, once, through one of the two live regions that exist from first paint. @see ux.md §2.8 */
export const announce = (region: 'status' | 'alert', text: string): void => {
  const element = document.getElementById(region);
  if (element === null) return;
  clearTimeout(timers.get(region));
  element.textContent = text;
  timers.set(
    region,
    setTimeout(() => {
      element.textContent = '';
    }, 5000),
  );
};

/** Takes back what a region still says: on another screen it would be about something that is gone. */
export const hush = (region: 'status' | 'alert'): void => {
  clearTimeout(timers.get(region));
  const element = document.getElementById(region);
  if (element !== null) element.textContent = '';
};
