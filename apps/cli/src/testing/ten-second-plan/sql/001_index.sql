CREATE INDEX CONCURRENTLY messages_created_at ON public.messages (created_at);

-- crossfade:undo
DROP INDEX CONCURRENTLY IF EXISTS public.messages_created_at;
