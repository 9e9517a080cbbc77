import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { composeMessage, composeQuery, reviseMessage } from './compose.ts';

const random = new Random(4);
const bodies = Array.from({ length: 3000 }, () => composeMessage(random));

describe('composeMessage', () => {
  it('writes what Parley takes: neither empty nor too long, nothing left to fill in', () => {
    for (const body of bodies) {
      expect(body.trim()).toBe(body);
      expect(body.length).toBeGreaterThan(0);
      expect(body.length).toBeLessThan(16_000);
      expect(body).not.toMatch(/\{(what|where|when|who|slug)\}/);
    }
  });

  it('varies: short and long, code, emoji, several scripts', () => {
    expect(Math.min(...bodies.map((body) => body.length))).toBeLessThan(5);
    expect(Math.max(...bodies.map((body) => body.length))).toBeGreaterThan(1500);
    const all = bodies.join('\n');
    for (const sample of [/```/, /\p{Extended_Pictographic}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u]) {
      expect(all).toMatch(sample);
    }
    for (const sample of [
      /\p{Script=Arabic}/u,
      /\p{Script=Hebrew}/u,
      /\p{Script=Devanagari}/u,
      /\p{Script=Han}/u,
    ]) {
      expect(all).toMatch(sample);
    }
  });
});

describe('reviseMessage and composeQuery', () => {
  it('give something to send', () => {
    for (let n = 0; n < 200; n += 1) {
      expect(reviseMessage(random, 'Hello').length).toBeGreaterThan(0);
      expect(composeQuery(random).length).toBeGreaterThan(2);
    }
  });
});
