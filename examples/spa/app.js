/* Signs somebody in by the code flow with PKCE. The tokens stay in this tab. */
const element = (id) => document.getElementById(id);

const show = (user) => {
  element('who').textContent = user ? `Signed in as ${user.profile.preferred_username}.` : 'Nobody is signed in.';
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
  });
  element('sign-in').onclick = () => users.signinRedirect().catch(tell);
  element('sign-out').onclick = () => users.signoutRedirect().catch(tell);
  show(await currentUser(users));
};

const tell = (error) => {
  element('who').textContent = `That did not work: ${error.message}`;
  element('sign-in').hidden = false;
};

main().catch(tell);
