import { expect, test } from 'vitest';
import { readableText } from './slack-text.ts';

const NAMES = {
  personNames: new Map([['U1', 'Ada']]),
  channelNames: new Map([['C1', 'general']]),
};

test.each([
  ['<@U1> look', '@Ada look'],
  ['<@U9> look', '@U9 look'],
  ['<@U9|zoe> look', '@zoe look'],
  ['see <#C1|general> and <#C1> and <#C7>', 'see #general and #general and #C7'],
  ['<https://a.example/x|here>', 'here (https://a.example/x)'],
  ['<https://a.example/x>', 'https://a.example/x'],
  ['<http://a.example|a.example>', 'a.example (http://a.example)'],
  ['<mailto:ada@a.example|ada@a.example>', 'ada@a.example'],
  ['<!here> and <!subteam^S1|@feeds> and <!channel>', '@here and @feeds and @channel'],
  ['<!date^1392734382^{date}|Feb 18>', 'Feb 18'],
  ['1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
  ['&amp;lt; stays', '&lt; stays'],
  ['a\0b', 'ab'],
  ['half a \ud83d face', 'half a \ufffd face'],
  ['*bold* and `code` stay', '*bold* and `code` stay'],
  ['  room around  ', 'room around'],
  ['a < b\nc > d', 'a < b\nc > d'],
])('%j is read as %j', (slack, text) => {
  expect(readableText(slack, NAMES)).toBe(text);
});
