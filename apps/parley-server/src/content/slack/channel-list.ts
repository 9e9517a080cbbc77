import type { SlackChannel } from './slack-directory.ts';
import { folderKey } from './slack-zip.ts';

/**
 * The conversations of an export. One may be listed twice, under an old and a new name or in two files: the messages of
 * all its folders belong to it, and the members of all its listings.
 */
export class ChannelList {
  /** By Slack's ids. */
  readonly channels = new Map<string, SlackChannel>();
  /** Members of all conversations together, each counted once in each. */
  memberships = 0;
  /** Slack's ids by the keys of the folders that belong to them. */
  readonly #owners = new Map<string, string>();

  /** @returns what there is to say about it, if anything. */
  add(listed: SlackChannel, index: number): string | undefined {
    const { slackId, folders, row } = listed;
    const [folder] = folders;
    const owner = this.#owners.get(folderKey(folder));
    if (owner !== undefined && owner !== slackId)
      return `left out record ${index}: the folder ${folder} belongs to another conversation`;
    this.#owners.set(folderKey(folder), slackId);
    const known = this.channels.get(slackId);
    if (known === undefined) {
      this.channels.set(slackId, listed);
      this.memberships += row.memberIds.size;
      return undefined;
    }
    this.#describeAgain(known, row);
    if (owner === slackId) return undefined;
    known.folders.push(folder);
    return `record ${index} lists ${slackId} again: the folder ${folder} belongs to it as well`;
  }

  hasFolder(folder: string): boolean {
    return this.#owners.has(folderKey(folder));
  }

  /** The last listing says what it is called, and whether it is a direct one: groups.json has some of those, too. */
  #describeAgain(known: SlackChannel, row: SlackChannel['row']): void {
    const { memberIds } = known.row;
    this.memberships -= memberIds.size;
    for (const id of row.memberIds) memberIds.add(id);
    this.memberships += memberIds.size;
    known.row = { ...row, memberIds };
  }
}
