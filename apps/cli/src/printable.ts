/** What moves a terminal's cursor, clears it, or turns the direction of its text; our own line breaks and colours apart. */
const unprintable = new RegExp(
  // Escape is built from its number: written as it is, it is what nobody should have in a pattern by accident.
  `${String.fromCodePoint(0x1b)}\\[(?:[01239]|2[1-9]|[39][0-79])m|[\\p{Cc}\\p{Cs}\\u{202a}-\\u{202e}\\u{2066}-\\u{2069}]`,
  'gu',
);
const longest = 20_000;

/**
 * Text as it may be written to a terminal. Names, paths, arguments, and what servers answer come from outside: control
 * characters in them are shown as `\u{1b}`, passwords of URLs as `***`, and nobody gets to read more than 20,000 characters.
 */
export function printable(text: string): string {
  const short = text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;
  return withoutPasswords(short).replaceAll(unprintable, (found) =>
    found.length > 1 || found === '\n' ? found : `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same for a JSON document, which stays the same document. */
export function printableJson(json: string): string {
  return withoutPasswords(json).replaceAll(
    /[\u{7f}-\u{9f}\u{2028}-\u{202e}\u{2066}-\u{2069}]/gu,
    (found) => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * The value of `?password=…` in a URL, up to the next parameter; a quote that a message ends the URL with is left. A backslash
 * goes with what it escapes, so that a JSON document stays one. One that is masked already may have our own words behind it.
 */
const passwordParameter =
  /([?&]\w{0,40}password=)(?!\*{3}(?:[\s&#"'.,:;)]|$))(?:\\\S|[^&#\s"])*?(?='?(?:[&#\s"]|$))/giu;

/** Those who write a URL into a message redact it themselves; this is for an argument that is echoed, or a library's message. */
function withoutPasswords(text: string): string {
  return text.replaceAll(passwordParameter, '$1***').replaceAll(/[^\s"]+/g, (word) => {
    const start = word.indexOf('://') + 3;
    // The last one: a password may hold others, as Postgres reads it.
    const end = word.lastIndexOf('@');
    const colon = word.indexOf(':', start);
    if (start < 3 || colon < 0 || colon > end || word.slice(start, colon).includes('/')) return word;
    return isExample(word.slice(start)) ? word : `${word.slice(0, colon)}:***${word.slice(end)}`;
  });
}

/** What our own messages say is expected. */
function isExample(address: string): boolean {
  return address.startsWith('user:password@host:') && address.indexOf('@') === address.lastIndexOf('@');
}
