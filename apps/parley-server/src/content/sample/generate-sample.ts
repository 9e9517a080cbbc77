import type { ConversationRow, MessageRow, PersonRow } from '../content-rows.ts';
import { stableId } from '../stable-id.ts';
import { sampleChannels } from './channels.ts';
import type { SampleChannel } from './channels.ts';
import { samplePeople } from './people.ts';
import { randomFrom, weighted } from './random.ts';
import { playScene } from './scene.ts';
import type { Line, Stage } from './scene.ts';
import { REACTIONS } from './topics/reactions.ts';
import { momentOfYear, WEEK_MS, YEAR_MS, yearBefore } from './working-hours.ts';

export type SampleSize = { seed: number; messages: number; people: number };

export type Sample = {
  people: PersonRow[];
  conversations: ConversationRow[];
  /** A conversation's messages in the order of their times, made when asked for. */
  messagesOf: (conversationId: string) => MessageRow[];
};

/**
 * A company that makes software for public transport, as it talks in a year. The same for the same size; only the
 * times move with `nowMs`, by whole weeks.
 */
export function generateSample(size: SampleSize, nowMs: number): Sample {
  const { startMs } = yearBefore(nowMs);
  const people = samplePeople(size.seed, size.people);
  const channels = sampleChannels(size.seed, people, size.messages);
  const byId = new Map(channels.map((channel) => [channel.id, channel]));
  return {
    people: people.map(({ id, name, email, spareEmail }) => ({ id, name, email, spareEmail })),
    conversations: channels.map((channel) => conversationRow(channel, startMs)),
    messagesOf: (conversationId) => {
      const channel = byId.get(conversationId);
      if (channel === undefined) throw new Error(`the sample has no conversation ${conversationId}`);
      return messageRows(channelLines(size.seed, channel), `sample:${size.seed}:${channel.key}`, startMs);
    },
  };
}

/** Fewer than an average scene has, so that the scenes planned in the order of time never suffice. */
const LINES_PER_SCENE = 8;

function channelLines(seed: number, channel: SampleChannel): Line[] {
  const random = randomFrom(seed, `channel/${channel.key}`);
  const stage: Stage = {
    topic: channel.topic,
    fixed: channel.fixed,
    isDirect: channel.kind === 'direct',
    drawPerson: weighted(channel.members, (member) => member.activity),
    reactions: channel.kind === 'direct' || channel.culture !== undefined ? [] : REACTIONS,
    recentOpenings: [],
  };
  const nextMoment = (): number => momentOfYear(random, channel.topic.hours);
  const planned = Array.from({ length: Math.floor(channel.messages / LINES_PER_SCENE) }, nextMoment);
  const moments = planned.toSorted((a, b) => b - a);
  const lines: Line[] = [];
  while (lines.length < channel.messages) {
    const scene = beforeTheEnd(playScene(stage, moments.pop() ?? nextMoment(), random));
    lines.push(...scene.slice(0, channel.messages - lines.length));
  }
  return lines.toSorted((a, b) => a.atMs - b.atMs);
}

/** What would run into the future happened a week earlier. */
function beforeTheEnd(scene: Line[]): Line[] {
  const overMs = Math.max(...scene.map((line) => line.editedAtMs ?? line.atMs)) - YEAR_MS;
  if (overMs < 0) return scene;
  const backMs = Math.ceil((overMs + 1) / WEEK_MS) * WEEK_MS;
  for (const line of scene) {
    line.atMs -= backMs;
    if (line.editedAtMs !== undefined) line.editedAtMs -= backMs;
  }
  return scene;
}

function messageRows(lines: readonly Line[], prefix: string, startMs: number): MessageRow[] {
  const keys = new Map(lines.map((line, index) => [line, `${prefix}:${index + 1}`]));
  return lines.map((line) => {
    const externalId = keys.get(line) ?? prefix;
    return {
      id: stableId(externalId),
      externalId,
      threadExternalId: line.root === undefined ? null : (keys.get(line.root) ?? null),
      senderId: line.sender.id,
      body: line.body,
      createdAtSeconds: (startMs + line.atMs) / 1000,
      editedAtSeconds: line.editedAtMs === undefined ? null : (startMs + line.editedAtMs) / 1000,
    };
  });
}

function conversationRow(channel: SampleChannel, startMs: number): ConversationRow {
  return {
    id: channel.id,
    kind: channel.kind,
    title: channel.title,
    topic: channel.about,
    createdBy: channel.members[0]?.id ?? null,
    createdAtSeconds: startMs / 1000,
    memberIds: channel.members.map((member) => member.id),
  };
}
