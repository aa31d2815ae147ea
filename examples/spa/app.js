/* Signs somebody in by the code flow with PKCE. The tokens stay in this tab. */
const element = (id) => document.getElementById(id);

const show = (user) => {
  element('who').textContent = user
    ? `Signed in as ${user.profile.preferred_username}, by ${user.profile.amr.join(', ')}.`
    : 'Nobody is signed in.';
  element('claims').textContent = user ? JSON.stringify(user.profile, null, 2) : '';
  element('sign-in').hidden = Boolean(user);
  element('sign-out').hidden = !user;
};

/** Whoever comes back from the login page brings a code; whoever reloads is still signed in. */
const currentUser = async (users) => {
  if (location.pathname !== '/callback') return users.getUser();
  const user = await users.signinCallback();
  history.replaceState(null, '', '/');
  return user;
};

const main = async () => {
  const { authority, clientId } = await (await fetch('/settings.json')).json();
  const users = new oidc.UserManager({
    authority,
    client_id: clientId,
    redirect_uri: `${location.origin}/callback`,
    post_logout_redirect_uri: `${location.origin}/`,
    scope: 'openid profile',
    // What `profile` stands for comes from userinfo.
    loadUserInfo: true,
    // How somebody has signed in (`amr`) and when is told, too; usually the library keeps it to itself.
    filterProtocolClaims: ['nonce', 'at_hash'],
  });
  const tell = (error) => {
    // A browser says no more of a server that is away, or that does not let the page in.
    const unanswered = `${authority} does not answer to pages of ${location.origin}. Does Assent run?`;
    element('who').textContent = `That did not work: ${error instanceof TypeError ? unanswered : error.message}`;
    element('sign-in').hidden = false;
  };
  element('sign-in').onclick = () => users.signinRedirect().catch(tell);
  element('sign-out').onclick = () => users.signoutRedirect().catch(tell);
  await currentUser(users).then(show, tell);
};

main();
