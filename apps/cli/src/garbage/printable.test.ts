import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson } from '../printable.ts';

const ownColours = new RegExp(String.raw`${String.fromCodePoint(0x1b)}\[\d{1,2}m`, 'g');

describe('text for a terminal', () => {
  it.each([
    ['\u{1b}[2J\u{1b}]0;title\u{7}', String.raw`\u{1b}[2J\u{1b}]0;title\u{7}`],
    ['\u{9b}2J\r\b', String.raw`\u{9b}2J\u{d}\u{8}`],
    ['admin\u{202e}txt', String.raw`admin\u{202e}txt`],
    ['\u{1b}[31mred\u{1b}[39m\n', '\u{1b}[31mred\u{1b}[39m\n'],
    ['\u{1b}[8mhidden', String.raw`\u{1b}[8mhidden`],
    ['Größe 日本語 👩‍👩‍👧', 'Größe 日本語 👩‍👩‍👧'],
    ['postgres://ana:se:cret@h/d and http://h:80/x', 'postgres://ana:***@h/d and http://h:80/x'],
    ['postgres://ana:se@cr/et@h/d', 'postgres://ana:***@h/d'],
    ['http://h:80/x to ana@example.org', 'http://h:80/x to ana@example.org'],
    ['expected postgres://user:password@host:5432/d', 'expected postgres://user:password@host:5432/d'],
    ['postgres://user:password@host:1@h/d', 'postgres://user:***@h/d'],
    ['postgres://h/d?a=1&sslpassword=gehe\\im&b=2 twice', 'postgres://h/d?a=1&sslpassword=***&b=2 twice'],
    ["unknown 'postgres://h/d?PASSWORD=ge'heim'\nelse", "unknown 'postgres://h/d?PASSWORD=***'\nelse"],
    ['?password=geheim\\ \\', '?password=*** \\'],
    ['cannot use postgres://h/d?password=***: gone', 'cannot use postgres://h/d?password=***: gone'],
    ['?password=***geheim', '?password=***'],
    ['x'.repeat(30_000), `${'x'.repeat(20_000)}… (30000 characters)`],
  ])('%j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('holds no control character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text).replaceAll(ownColours, '')).not.toMatch(/[^\P{Cc}\n]/u);
      }),
    );
  });

  it('is bounded in time', () => {
    const startedAt = process.cpuUsage();
    printable('://a:'.repeat(1_000_000));
    printableJson('?password='.repeat(1_000_000));
    printableJson('?'.repeat(1_000_000));
    printable('\u{1b}['.repeat(1_000_000));
    expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(10_000);
  });
});

describe('JSON for a terminal', () => {
  it('is the same document', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const json = JSON.stringify(value, null, 2);
        expect(JSON.parse(printableJson(json))).toEqual(JSON.parse(json));
      }),
    );
  });

  it.each(['\u{9b}', '\u{7f}', '\u{2028}', '\u{202e}'])('%j is escaped', (text) => {
    expect(printableJson(JSON.stringify(text))).toMatch(/^"\\u[0-9a-f]{4}"$/);
  });

  it('holds no password of a URL', () => {
    expect(printableJson('{"error":"no: postgres://u:geheim@h/d"}')).toBe(
      '{"error":"no: postgres://u:***@h/d"}',
    );
    const told = printableJson(JSON.stringify({ error: 'no: postgres://h/d?password=ge"he\\im"', code: 2 }));
    expect(JSON.parse(told)).toEqual({ error: 'no: postgres://h/d?password=***', code: 2 });
  });
});
