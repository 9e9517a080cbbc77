const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** What mentions stand for, by Slack's ids. Where one is missing, the id is shown. */
export type Names = {
  readonly personNames: ReadonlyMap<string, string>;
  readonly channelNames: ReadonlyMap<string, string>;
};

/**
 * Slack's markup as people read it: `<@U1>` is @name, `<#C1|general>` is #general, `<https://a.example|here>` is
 * "here (https://a.example)". The rest (emphasis, code) is left as it was typed.
 */
export function readableText(text: string, names: Names): string {
  return text
    .replaceAll(/<([^<>\n]+)>/g, (_whole, inside: string) => reference(inside, names))
    .replaceAll(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity)
    .replaceAll('\0', '') // Postgres stores no NUL.
    .toWellFormed()
    .trim();
}

function reference(inside: string, names: Names): string {
  const bar = inside.indexOf('|');
  const target = bar === -1 ? inside : inside.slice(0, bar);
  const label = bar === -1 ? '' : inside.slice(bar + 1);
  const id = target.slice(1);
  switch (target[0]) {
    case '@':
      return `@${names.personNames.get(id) ?? (label || id)}`;
    case '#':
      return `#${label || (names.channelNames.get(id) ?? id)}`;
    case '!':
      return special(id, label);
    default:
      return link(target, label);
  }
}

/** `!here`, `!subteam^S1|@team`, `!date^1392734382^{date}|a fallback in words`. */
function special(id: string, label: string): string {
  if (label !== '') return label;
  return `@${id.split('^')[0] ?? id}`;
}

function link(url: string, label: string): string {
  const address = url.replace(/^(?:mailto|tel):/, '');
  return label === '' || label === address || label === url ? address : `${label} (${address})`;
}
