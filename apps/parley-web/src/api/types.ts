/** What the server tells, as `/v1/openapi.json` describes it. Times are ISO 8601 in UTC, ids are UUIDs. */

export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly width: number | null;
  readonly height: number | null;
}

export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  readonly mine: boolean;
}

export interface Message {
  readonly id: string;
  readonly conversationId: string;
  /** 1, 2, 3 … within its conversation, without gaps, in the order of commits. */
  readonly seq: number;
  /** The conversation's version at which this message changed last. */
  readonly version: number;
  readonly senderId: string;
  readonly senderName: string;
  readonly threadId: string | null;
  /** Markdown; `<@UUID>` names a person. */
  readonly body: string;
  readonly clientId: string | null;
  readonly createdAt: string;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly editVersion: number;
  readonly reactions: readonly Reaction[];
  readonly replyCount: number;
  readonly lastReplyAt: string | null;
  readonly repliers: readonly string[];
  readonly pinnedAt: string | null;
  readonly attachments: readonly Attachment[];
}

export interface MessagePage {
  /** Ascending by seq. */
  readonly messages: readonly Message[];
  readonly lastSeq: number;
  readonly version: number;
  readonly hasMoreBefore: boolean;
  readonly hasMoreAfter: boolean;
}

export interface Changes {
  /** Ascending by version. */
  readonly messages: readonly Message[];
  readonly version: number;
  readonly lastSeq: number;
  readonly hasMore: boolean;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Conversation {
  readonly id: string;
  readonly kind: 'channel' | 'direct';
  readonly title: string;
  readonly topic: string;
  readonly lastSeq: number;
  readonly lastReadSeq: number;
  readonly unread: number;
  readonly version: number;
  readonly muted: boolean;
  readonly mentions: number;
  readonly memberCount: number;
  readonly role: 'owner' | 'member';
  readonly joinable: boolean;
  readonly others: readonly Named[];
  readonly lastMessage: {
    readonly senderId: string;
    readonly senderName: string;
    readonly excerpt: string;
    readonly createdAt: string;
    readonly isDeleted: boolean;
  } | null;
}

export interface Person extends Named {
  readonly title: string;
  readonly isAgent: boolean;
  readonly isActive: boolean;
}

export interface Member extends Named {
  readonly title: string;
  readonly role: 'owner' | 'member';
  readonly lastReadSeq: number;
  readonly isActive: boolean;
}

export interface Flags {
  readonly virtual_scrolling: boolean;
  readonly e2e_encryption: boolean;
  readonly multi_agent: boolean;
  readonly advanced_search: boolean;
  readonly performance_monitoring: boolean;
}

/** What a person has chosen; the server keeps it as it is given. */
export interface Settings {
  readonly theme?: 'light' | 'dark' | 'system';
  readonly reading?: 'sans' | 'read';
  /** The list without virtual scrolling, for those whose tools read it better. */
  readonly plainList?: boolean;
  /** Features that this person was told of. */
  readonly announced?: readonly string[];
}

export interface Me {
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly email: string | null;
    readonly title: string;
  };
  readonly flags: Flags;
  readonly settings: Settings;
  readonly serverTimeMs: number;
}

export interface Notification {
  readonly id: string;
  readonly kind: 'mention' | 'reply';
  readonly conversationId: string;
  readonly conversationTitle: string;
  readonly messageId: string;
  readonly seq: number;
  readonly threadId: string | null;
  readonly senderId: string;
  readonly senderName: string;
  readonly excerpt: string;
  readonly createdAt: string;
  readonly readAt: string | null;
}

export interface Session {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly userAgent: string;
  readonly current: boolean;
}

export interface Notice {
  readonly id: string;
  readonly kind: 'info' | 'work' | 'trouble';
  readonly title: string;
  readonly text: string;
  readonly progress: number | null;
  readonly until: string | null;
  readonly startedAt: string;
}

export interface Channel {
  readonly id: string;
  readonly title: string;
  readonly topic: string;
  readonly memberCount: number;
  readonly isMember: boolean;
}
