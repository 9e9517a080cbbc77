/** One line of an exposition: which series, and its value. */
export interface SeriesValue {
  /** Name and labels as they stood in the text: the series' identity within one endpoint. */
  readonly series: string;
  readonly value: number;
}

export interface SeriesName {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Reads OpenMetrics or Prometheus text. Comments, timestamps and exemplars are skipped; so is a line that makes no sense,
 * since one broken metric must not blind a gate that watches another.
 */
export function parseOpenMetrics(text: string): readonly SeriesValue[] {
  const values: SeriesValue[] = [];
  for (const line of text.split('\n')) {
    const parsed = line === '' || line.startsWith('#') ? undefined : parseLine(line);
    if (parsed) values.push(parsed);
  }
  return values;
}

function parseLine(line: string): SeriesValue | undefined {
  const end = endOfSeries(line);
  if (end < 1) return undefined;
  const text = /^\s+(\S+)/.exec(line.slice(end))?.[1];
  const value = text === undefined ? Number.NaN : parseNumber(text);
  return Number.isNaN(value) ? undefined : { series: line.slice(0, end), value };
}

/** Behind the name, or behind the brace that closes the labels; a brace inside a quoted value closes nothing. */
function endOfSeries(line: string): number {
  const nameEnd = line.search(/[{\s]/);
  if (nameEnd < 0 || line[nameEnd] !== '{') return nameEnd;
  let quoted = false;
  for (let at = nameEnd; at < line.length; at += 1) {
    const character = line[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '}') return at + 1;
  }
  return -1;
}

/** `+Inf` and `-Inf` are numbers here, `NaN` is none. */
export function parseNumber(text: string): number {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

const labelPattern = /\s*([A-Za-z_][\w:]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;

/** Splits a series into its name and labels, escapes resolved; undefined when the labels are malformed. */
export function parseSeries(series: string): SeriesName | undefined {
  const brace = series.indexOf('{');
  if (brace < 0) return { name: series, labels: {} };
  const inner = series.slice(brace + 1, -1);
  const labels: [string, string][] = [];
  labelPattern.lastIndex = 0;
  for (let at = 0; inner.slice(at).trim() !== ''; at = labelPattern.lastIndex) {
    const match = labelPattern.exec(inner);
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    labels.push([match[1], unescapeLabel(match[2])]);
  }
  return { name: series.slice(0, brace), labels: Object.fromEntries(labels) };
}

function unescapeLabel(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
