"""Libraries in PostgreSQL with pgvector: many in one database, apart by ``guild_id`` in every key and statement."""
