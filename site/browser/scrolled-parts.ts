const isScrolled = (element: Element): boolean => element.scrollWidth > element.clientWidth;

/** Gives the keyboard a place in code and tables that are wider than the window, and in no others. */
export const reachableByKeys = (): void => {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (isScrolled(target)) target.setAttribute('tabindex', '0');
      else target.removeAttribute('tabindex');
    }
  });
  for (const element of document.querySelectorAll('.s-code > pre, .s-scroll')) observer.observe(element);
};
