import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { textOfProblem } from '../passkeys/passkey-problem.ts';
import { usePasskey } from '../passkeys/use-passkey.ts';
import type { Ceremony } from '../step/step.ts';
import { say } from '../texts/say.ts';

/** A passkey in the place of what a form asks for: where the name is filled in, and by a button where that is wanted or the browser cannot. @see spec: webauthn §10.2 */
export const PasskeyBeside = ({
  ceremony,
  busy,
  answer,
}: {
  readonly ceremony: Ceremony;
  readonly busy: boolean;
  answer(value: string): void;
}) => {
  const { asking, problem, filledIn, ask } = usePasskey(ceremony, { busy, startsByItself: false, answer });
  if (filledIn && ceremony.button === undefined) return null;
  const isNew = ceremony.kind === 'create';
  return (
    <>
      {problem === undefined ? null : <Note tone="danger">{say(textOfProblem(problem.problem, ceremony.kind))}</Note>}
      <Button needsScript busy={busy || asking} busyText={say('passkeyAsking')} onPress={ask}>
        {say(isNew ? 'passkeyNewHeading' : 'passkeyHeading')}
      </Button>
    </>
  );
};
