import { port } from './port.ts';
import { type ActingSubmit, Bindings, type Submit } from './submit.ts';

const clock = port<() => number>()('clock', 'looks');
const users = port<() => void>()('users', 'enlists');
const mail = port<() => void>()('mail', 'acts');

new Bindings().bind(mail, (submit: ActingSubmit) => () => void submit.commitNow([]));
new Bindings().bind(users, (submit: Submit) => () => submit.enlist({ verb: 'x' }));

// @ts-expect-error A port that looks has nothing to enlist with.
new Bindings().bind(clock, (submit) => () => submit.enlist({ verb: 'x' }));
// @ts-expect-error A port that enlists commits nothing by itself.
new Bindings().bind(users, (submit) => () => void submit.commitNow([]));
// @ts-expect-error A port says what its use can do.
port<() => void>()('unsaid');
