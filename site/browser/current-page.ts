/** Moves the list of pages so that the one which is shown is in sight; the page itself stays where it is. */
export const showCurrentPage = (): void => {
  const list = document.querySelector('.s-nav');
  const link = list?.querySelector('[aria-current="page"]');
  if (!list || !link) return;
  const [outer, inner] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
  if (inner.bottom > outer.bottom) list.scrollTop += inner.top - outer.top - outer.height / 3;
};
