import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const least = ['--url', 'http://127.0.0.1:4000/', '--credentials', 'people.json', '--log', 'log.jsonl'];

describe('parseOptions', () => {
  it('fills in what is usual', () => {
    expect(parseOptions(least)).toEqual({
      urls: ['http://127.0.0.1:4000'],
      credentialsFile: 'people.json',
      logFile: 'log.jsonl',
      ratePerSecond: 90,
      people: 120,
      seed: 1,
      warmupSeconds: 0,
      patienceSeconds: 15,
      seconds: undefined,
    });
  });

  it.each([
    [['--rate', 'fast'], '--rate fast: expected a number from 0.1 to 10000'],
    [['--people', '0'], '--people 0: expected a number from 1 to 10000'],
    [['--url', 'ftp://x'], '--url ftp://x: expected something like http://127.0.0.1:4000'],
    [['--url', 'http://a', '--url', 'http://b'], '--url: expected one or two, got 3'],
    [['--patience-seconds', '0'], '--patience-seconds 0: expected a number from 0.1 to 3600'],
    [['--speed', '3'], "Unknown option '--speed'"],
  ])('refuses %s and says what it expected', (extra, message) => {
    expect(() => parseOptions([...least, ...extra])).toThrow(message);
  });

  it('needs to know who the people are', () => {
    expect(() => parseOptions(['--url', 'http://a', '--log', 'x'])).toThrow(
      '--credentials: expected a file name',
    );
  });
});
