/** The first letter of the issuer, to tell accounts apart at a glance; the name stands beside it. */
export const Badge = ({ title }: { readonly title: string }) => (
  <span class="p-badge" aria-hidden="true">
    {[...title.trim()][0]?.toUpperCase() ?? ''}
  </span>
);
