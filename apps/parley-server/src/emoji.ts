/** One emoji as people see it, be it put together of several, such as a flag or a family. */
const EMOJI = /^\p{RGI_Emoji}$/v;
const MOST_BYTES = 32;

/** Asks for the coloured form of what is a sign of print otherwise. */
const AS_PICTURE = '\uFE0F';

/**
 * The emoji that a text is, in the one form under which it is counted; undefined for anything else. Some keyboards leave
 * out what makes a heart or a tick a picture, and some say so of what is one anyway, such as an anchor.
 */
export function emojiOf(text: string): string | undefined {
  if (Buffer.byteLength(text) > MOST_BYTES) return undefined;
  return [text, `${text}${AS_PICTURE}`, text.replaceAll(AS_PICTURE, '')].find((form) => EMOJI.test(form));
}
