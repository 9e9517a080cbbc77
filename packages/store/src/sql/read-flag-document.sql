select revision, digest, document from crossfade.flag_documents order by revision desc limit 1
