import { useEffect } from 'preact/hooks';
import { useDelayed } from '../../kit/browser/delayed.ts';
import { Filled } from '../../kit/language/filled.tsx';
import { Button } from '../../kit/parts/button.tsx';
import { Mark } from '../../kit/parts/mark.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { pressed } from '../step/posted-step.tsx';
import { say } from '../texts/say.ts';

/** S: goes on at once; the mark is animated while the next page loads. */
export const SuccessScreen = ({ to }: { readonly to: string }) => {
  // Replaced rather than added: Back then leaves the sign-in, as a person expects.
  useEffect(() => location.replace(to), [to]);
  const late = useDelayed(true, 2000);
  return (
    <div class="l-success">
      <Mark animated />
      <ScreenHead title={say('successHeading')}>
        <p class="k-lead k-script">{say('successLead')}</p>
      </ScreenHead>
      <a class={late ? 'k-btn' : 'k-btn k-no-script'} data-kind="primary" href={to}>
        {say('continue')}
      </a>
    </div>
  );
};

/** Somebody is signed in here already: go on as them, or as somebody else. @see ux.md §2.1 */
export const SignedInScreen = ({
  name,
  to,
  another,
}: {
  readonly name: string | undefined;
  readonly to: string;
  another(): void;
}) => (
  <>
    <ScreenHead title={name === undefined ? say('signedIn') : <Filled text={say('signedInAs')} values={{ name }} />} />
    <div class="k-actions">
      <a class="k-btn" data-kind="primary" href={to}>
        {say('continue')}
      </a>
      <Button kind="quiet" posts={pressed} value="another" onPress={another}>
        {say('another')}
      </Button>
    </div>
  </>
);
