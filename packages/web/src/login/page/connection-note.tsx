import { useEffect } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { useDelayed } from '../../kit/browser/delayed.ts';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import type { Connection } from '../journey/page-state.ts';
import type { pressed } from '../step/posted-step.tsx';
import { say } from '../texts/say.ts';

/** Says that the server is slow, busy or out of reach, and lets people try at once; nothing where all is well. */
export const ConnectionNote = ({
  connection,
  busy,
  posts,
  retry,
}: {
  readonly connection: Connection;
  readonly busy: boolean;
  /** Before there is a form; in one, Enter would press this button instead of sending it. */
  readonly posts: typeof pressed | undefined;
  retry(): void;
}) => {
  const slow = useDelayed(busy, 5000);
  const text = connectionText(connection) ?? (slow ? say('slow') : undefined);
  useEffect(() => {
    if (text !== undefined) announce(connection.kind === 'fine' ? 'status' : 'alert', text);
  }, [text]);
  if (text === undefined) return null;
  return (
    <div class="l-connection">
      <Note tone={connection.kind === 'fine' ? 'info' : 'warn'}>
        <p>{text}</p>
        {connection.kind === 'busy' || connection.kind === 'lost' ? (
          <Button kind="quiet" fit posts={posts} value="over" onPress={retry}>
            {say('tryNow')}
          </Button>
        ) : null}
      </Note>
    </div>
  );
};

const connectionText = (connection: Connection): string | undefined => {
  switch (connection.kind) {
    case 'fine':
      return undefined;
    case 'busy':
      return say('busy', { n: Math.max(1, Math.round(connection.for / 1000)) });
    default:
      return say(connection.kind);
  }
};
