/** The mark of Assent: a tick that bows. Decorative here, because the name stands beside it. @see ux.md §1.3 */
export const Mark = ({ animated = false }: { readonly animated?: boolean }) => (
  <svg
    class={animated ? 'k-mark k-mark-animated' : 'k-mark'}
    viewBox="0 0 32 32"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    stroke-width="4"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    <path class="mark-stroke" pathLength={1} d="M4.5 17.5 11 25c1.2-6.2 4.2-10.8 9-14" />
    <circle class="mark-dot" cx="25.6" cy="6.8" r="3.8" fill="currentColor" stroke="none" />
  </svg>
);
