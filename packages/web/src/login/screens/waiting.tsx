import { Ring } from '../../kit/ring.tsx';

/** Says that we wait for somebody; changes are announced elsewhere, seconds never. */
export const Waiting = ({ text }: { readonly text: string }) => (
  <p class="k-waiting">
    <Ring />
    {text}
  </p>
);
