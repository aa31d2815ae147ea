import { useDelayed } from '../../kit/browser/delayed.ts';
import { Ring } from '../../kit/parts/ring.tsx';
import { pressed } from '../step/posted-step.tsx';
import { say } from '../texts/say.ts';

/** Nothing for 400 ms, then a word; without a script, a button that asks for what there is not yet. */
export const Loading = ({ isRenderedOnServer }: { readonly isRenderedOnServer: boolean }) => {
  const late = useDelayed(true, 400);
  return (
    <div class="l-loading">
      <h1 class="sr-only" tabIndex={-1}>
        {say('signIn')}
      </h1>
      {late ? (
        <p class="k-waiting">
          <Ring />
          {say('loading')}
        </p>
      ) : null}
      {isRenderedOnServer ? (
        <button class="k-btn k-no-script" type="submit" data-kind="primary" {...pressed} value="over">
          {say('continue')}
        </button>
      ) : null}
    </div>
  );
};
