-- Migration: 001_add_performance_indexes.sql
CREATE INDEX CONCURRENTLY idx_messages_conversation_created 
ON messages(conversation_id, created_at DESC);

CREATE INDEX CONCURRENTLY idx_conversation_participants_user 
ON conversation_participants(user_id);

-- crossfade:undo
DROP INDEX CONCURRENTLY IF EXISTS idx_conversation_participants_user;
DROP INDEX CONCURRENTLY IF EXISTS idx_messages_conversation_created;
