import type { Topic } from './topic.ts';
import { API } from './topics/api.ts';
import { CODE_REVIEW } from './topics/code-review.ts';
import { DATA } from './topics/data.ts';
import { ON_CALL } from './topics/on-call.ts';
import { DEPLOYMENTS } from './topics/deployments.ts';
import { GENERAL } from './topics/general.ts';
import { INCIDENTS } from './topics/incidents.ts';
import { CHINESE } from './topics/chinese.ts';
import { HINDI } from './topics/hindi.ts';
import { JAPANESE } from './topics/japanese.ts';
import { KOREAN } from './topics/korean.ts';
import { FRENCH } from './topics/french.ts';
import { GERMAN } from './topics/german.ts';
import { GREEK } from './topics/greek.ts';
import { UKRAINIAN } from './topics/ukrainian.ts';
import { ARABIC } from './topics/arabic.ts';
import { HEBREW } from './topics/hebrew.ts';
import { LUNCH } from './topics/lunch.ts';
import { APP } from './topics/app.ts';
import { DESIGN } from './topics/design.ts';
import { DISPLAYS } from './topics/displays.ts';
import { HIRING } from './topics/hiring.ts';
import { RANDOM_TALK } from './topics/random-talk.ts';
import { SUPPORT } from './topics/support.ts';
import { TIMETABLES } from './topics/timetables.ts';

export type Room = {
  /** Names the conversation in keys: never change one, or the sample's rows are not met again. */
  key: string;
  title: string;
  about: string;
  topic: Topic;
  /** Its share of all messages, compared to others. */
  weight: number;
  /** The share of all people who are in; absent: everybody. */
  audience?: number;
  /** Slots that have one value in this conversation. */
  fixed?: Readonly<Record<string, string>>;
  /** Whose language is spoken. */
  culture?: string;
};

export const LARGE_ROOMS: readonly Room[] = [
  {
    key: 'general',
    title: 'general',
    about: 'For everybody: news, welcomes, lost scarves',
    topic: GENERAL,
    weight: 30,
  },
  {
    key: 'incidents',
    title: 'incidents',
    about: 'What is broken right now. Lead and scribe, please',
    topic: INCIDENTS,
    weight: 34,
  },
  {
    key: 'deployments',
    title: 'deployments',
    about: 'What goes out, what comes back',
    topic: DEPLOYMENTS,
    weight: 30,
  },
  { key: 'random', title: 'random', about: 'Herons, words, boxes of cables', topic: RANDOM_TALK, weight: 30 },
  { key: 'lunch', title: 'lunch', about: 'Where, when, and is it spicy', topic: LUNCH, weight: 22 },
  {
    key: 'takt-timetables',
    title: 'takt-timetables',
    about: 'Planning, calendars, midnight',
    topic: TIMETABLES,
    weight: 26,
  },
  {
    key: 'support',
    title: 'support',
    about: 'What passengers and cities ask us',
    topic: SUPPORT,
    weight: 28,
  },
  {
    key: 'code-review',
    title: 'code-review',
    about: 'Second pairs of eyes',
    topic: CODE_REVIEW,
    weight: 14,
    audience: 0.5,
  },
  {
    key: 'on-call',
    title: 'on-call',
    about: 'Hand-overs, swaps, pages',
    topic: ON_CALL,
    weight: 8,
    audience: 0.3,
  },
  {
    key: 'wayfarer-api',
    title: 'wayfarer-api',
    about: 'The journey planner’s interface',
    topic: API,
    weight: 8,
    audience: 0.35,
  },
  {
    key: 'data-feeds',
    title: 'data-feeds',
    about: 'Stops in lakes, feeds of yesterday',
    topic: DATA,
    weight: 8,
    audience: 0.3,
  },
  {
    key: 'design',
    title: 'design',
    about: 'Readable in the rain, without glasses',
    topic: DESIGN,
    weight: 9,
    audience: 0.4,
  },
  {
    key: 'perron-displays',
    title: 'perron-displays',
    about: 'Everything with a screen and a fuse',
    topic: DISPLAYS,
    weight: 7,
    audience: 0.3,
  },
  {
    key: 'kontrolle-app',
    title: 'kontrolle-app',
    about: 'For inspectors, with gloves',
    topic: APP,
    weight: 6,
    audience: 0.3,
  },
  {
    key: 'hiring',
    title: 'hiring',
    about: 'Who joins us; no details of people in here',
    topic: HIRING,
    weight: 4,
    audience: 0.15,
  },
];

export const LANGUAGE_ROOMS: readonly Room[] = [
  { key: 'fr', title: 'français', about: 'On parle français ici', topic: FRENCH, weight: 2, culture: 'fr' },
  {
    key: 'de',
    title: 'deutsch',
    about: 'Für alle, die Wendezeit sagen',
    topic: GERMAN,
    weight: 2,
    culture: 'de',
  },
  { key: 'el', title: 'ελληνικά', about: 'Μιλάμε ελληνικά', topic: GREEK, weight: 1.2, culture: 'el' },
  {
    key: 'uk',
    title: 'українською',
    about: 'Розмовляємо українською',
    topic: UKRAINIAN,
    weight: 1.6,
    culture: 'uk',
  },
  { key: 'ar', title: 'بالعربية', about: 'نتحدث بالعربية', topic: ARABIC, weight: 1.2, culture: 'ar' },
  { key: 'he', title: 'עברית', about: 'מדברים עברית', topic: HEBREW, weight: 1, culture: 'he' },
  { key: 'hi', title: 'हिन्दी', about: 'हिन्दी में बातचीत', topic: HINDI, weight: 1.2, culture: 'hi' },
  { key: 'ja', title: '日本語', about: '日本語で話しましょう', topic: JAPANESE, weight: 1.2, culture: 'ja' },
  { key: 'ko', title: '한국어', about: '한국어로 이야기해요', topic: KOREAN, weight: 1, culture: 'ko' },
  { key: 'zh', title: '中文', about: '用中文聊天', topic: CHINESE, weight: 1.2, culture: 'zh' },
];
