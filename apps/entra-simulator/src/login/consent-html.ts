/** What the consent page says; every text is escaped here. */
export interface PageText {
  readonly appName: string;
  readonly clientId: string;
  readonly organization: string;
  readonly permissions: readonly { value: string; name: string }[];
  readonly redirectHost: string;
  readonly userPrincipalName: string;
  /** Why the sign-in before did not work. */
  readonly problem?: string;
}

/** One form, no script: it works with a keyboard, a screen reader and any browser. */
export function pageOf(text: PageText): string {
  const permissions = text.permissions.map(
    ({ value, name }) => `<li><strong>${escape(name)}</strong><br><code>${escape(value)}</code></li>`,
  );
  const problem =
    text.problem === undefined ? '' : `<p role="alert" class="problem">${escape(text.problem)}</p>`;
  const list =
    permissions.length === 0
      ? '<p>It asks for no application permission.</p>'
      : `<ul>${permissions.join('')}</ul>`;
  return whole(
    'Permissions requested',
    `<h1>Permissions requested</h1>
<p><strong>${escape(text.appName)}</strong> (<code>${escape(text.clientId)}</code>) asks for access to the data of
<strong>${escape(text.organization)}</strong>, for all its users and without anybody signed in.</p>
<h2>This app would like to</h2>
${list}
${problem}
<form method="post">
<label for="userPrincipalName">Administrator</label>
<input id="userPrincipalName" name="userPrincipalName" type="email" autocomplete="username" value="${escape(text.userPrincipalName)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password">
<p>Whatever you choose, you go back to ${escape(text.redirectHost)}.</p>
<button name="decision" value="accept">Accept</button>
<button name="decision" value="decline">Decline</button>
</form>`,
  );
}

/** Nobody is redirected: the address to go back to is not known to be the app's. */
export const refusalPage = (message: string): string =>
  whole(
    'Sign in',
    `<h1>Sorry, but we’re having trouble signing you in.</h1>
<p role="alert">${escape(message)}</p>`,
  );

const whole = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; background: #fff; }
label { display: block; margin-top: 1rem; }
input { width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; border: 1px solid #595959; }
button { padding: .5rem 1.5rem; font: inherit; }
.problem { border-left: .25rem solid #a80000; padding-left: .75rem; color: #a80000; }
</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character]!);
