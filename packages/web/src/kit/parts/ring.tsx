/** A ring that turns while we wait for somebody; the words beside it carry the meaning. */
export const Ring = () => (
  <svg class="k-ring" viewBox="0 0 20 20" aria-hidden="true">
    <circle class="k-ring-track" cx="10" cy="10" r="8" />
    <path class="k-ring-arc" d="M10 2a8 8 0 0 1 8 8" />
  </svg>
);
