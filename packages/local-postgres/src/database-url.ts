const SECRET_PARAMETER = /([?&][^=&#]*password=)[^&#]*/gi;

/**
 * The URL with every password replaced by `***`, fit for logs and error messages.
 * Works on the text, so that a URL too broken to parse does not leak either.
 */
export function redactUrl(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0];
  if (scheme === undefined) return '(not a URL)';
  const rest = url.slice(scheme.length);
  // The last "@": an unescaped one in the password must not end the part that is hidden.
  const at = rest.lastIndexOf('@');
  const address = rest.slice(at + 1).replace(SECRET_PARAMETER, '$1***');
  if (at < 0) return scheme + address;
  const user = rest.replace(/[^\w.%~-].*/s, '');
  return user.length === at ? `${scheme}${user}@${address}` : `${scheme}${user}:***@${address}`;
}

/**
 * Parses a Postgres URL.
 * @throws Error that names `source` (for instance `DATABASE_URL`), says what was expected, and holds no password.
 */
export function parseDatabaseUrl(url: string, source: string): URL {
  const expected = 'expected postgres://user:password@host:5432/database';
  const escape =
    'characters such as / ? # @ : in the user or the password are written as %2F %3F %23 %40 %3A';
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) {
    // The text itself is not shown: where it does not parse, nobody can say which part is the password.
    throw new Error(`${source} is not a URL: ${expected}; ${escape}`);
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    throw new Error(`${source} begins with "${parsed.protocol}//": ${expected}`);
  }
  if (/[@:]/.test(parsed.pathname) || parsed.hash !== '') {
    throw new Error(`${source} is ambiguous: ${expected}; ${escape}`);
  }
  return parsed;
}

/** The same server and credentials, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}
