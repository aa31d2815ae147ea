import { type ActingUnitOfWork, Bindings, type UnitOfWork } from '../unit-of-work/unit-of-work.ts';
import { port } from './port.ts';

const clock = port<() => number>()('clock', 'reads');
const users = port<() => void>()('users', 'stages');
const mail = port<() => void>()('mail', 'acts');

new Bindings().bind(mail, (unit: ActingUnitOfWork) => () => void unit.commitNow([]));
new Bindings().bind(users, (unit: UnitOfWork) => () => unit.stage({ type: 'x' }));

// @ts-expect-error A port that reads has nothing to stage with.
new Bindings().bind(clock, (unit) => () => unit.stage({ type: 'x' }));
// @ts-expect-error A port that stages commits nothing by itself.
new Bindings().bind(users, (unit) => () => void unit.commitNow([]));
// @ts-expect-error A port says what its use can do.
port<() => void>()('unsaid');
