import '../kit/tokens.css';
import '../kit/kit.css';
import { render } from 'preact';
import { createAccountClient } from './account-client.ts';
import { AccountPage } from './account-page.tsx';

const app = document.getElementById('app');
if (app !== null) {
  const context = new URL('.', location.href).href;
  render(<AccountPage client={createAccountClient({ context, fetch: (...given) => fetch(...given) })} />, app);
}
