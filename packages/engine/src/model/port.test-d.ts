import { type ActingUnitOfWork, Bindings, type UnitOfWork } from '../unit-of-work/unit-of-work.ts';
import { port } from './port.ts';

const clock = port<() => number>()('clock', 'reads');
const users = port<() => void>()('users', 'stages');
const mail = port<() => void>()('mail', 'acts');

new Bindings().bind(mail, (submit: ActingUnitOfWork) => () => void submit.commitNow([]));
new Bindings().bind(users, (submit: UnitOfWork) => () => submit.stage({ type: 'x' }));

// @ts-expect-error A port that looks has nothing to enlist with.
new Bindings().bind(clock, (submit) => () => submit.enlist({ type: 'x' }));
// @ts-expect-error A port that enlists commits nothing by itself.
new Bindings().bind(users, (submit) => () => void submit.commitNow([]));
// @ts-expect-error A port says what its use can do.
port<() => void>()('unsaid');
