-- Every table has guild_id first in its key. Row-level security shows a transaction the rows of the one guild
-- that it has named, and none where it has named none: a forgotten filter finds nothing.
CREATE SCHEMA IF NOT EXISTS quoth;
CREATE EXTENSION IF NOT EXISTS vector;

DO $$ BEGIN
    CREATE ROLE quoth_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
-- Whoever migrates may take on the role that does the daily work.
DO $$ BEGIN
    IF NOT pg_has_role(current_user, 'quoth_app', 'MEMBER') THEN
        EXECUTE format('GRANT quoth_app TO %I', current_user);
    END IF;
END $$;
GRANT USAGE ON SCHEMA quoth TO quoth_app;

-- Which libraries there are; nothing of what is in them.
CREATE TABLE quoth.directory (guild_id bigint PRIMARY KEY, name text NOT NULL COLLATE "C" UNIQUE);

-- edition: the index that answers. rebuilding: the one that grows beside it. own: passages in a table of their own.
-- nearest: the edition that has an index of nearest vectors.
CREATE TABLE quoth.libraries (
    guild_id bigint PRIMARY KEY, edition integer NOT NULL DEFAULT 1, rebuilding integer,
    next_edition integer NOT NULL DEFAULT 2, next_passage bigint NOT NULL DEFAULT 1,
    own boolean NOT NULL DEFAULT false, nearest integer
);
CREATE TABLE quoth.editions (
    guild_id bigint NOT NULL, edition integer NOT NULL, model text NOT NULL,
    passages bigint NOT NULL DEFAULT 0, tokens bigint NOT NULL DEFAULT 0, PRIMARY KEY (guild_id, edition)
);

-- Texts are bytes (UTF-8), because PostgreSQL's text takes no NUL and a text is kept as it was given.
CREATE TABLE quoth.articles (
    guild_id bigint NOT NULL, id text NOT NULL COLLATE "C", doc_id text, title text NOT NULL COLLATE "C",
    source text NOT NULL, author text NOT NULL, published text, published_from text NOT NULL, url text,
    added text NOT NULL, characters integer NOT NULL, text bytea NOT NULL, digest bytea NOT NULL, url_digest bytea,
    PRIMARY KEY (guild_id, id)
) PARTITION BY HASH (guild_id);
CREATE INDEX articles_by_digest ON quoth.articles (guild_id, digest);
CREATE INDEX articles_by_url ON quoth.articles (guild_id, url_digest);

-- An article as an index has it: passages first ... first + passages - 1, and the mean of their vectors.
CREATE TABLE quoth.outlines (
    guild_id bigint NOT NULL, edition integer NOT NULL, article_id text NOT NULL COLLATE "C", marks text NOT NULL,
    first bigint NOT NULL, passages integer NOT NULL, centroid vector, PRIMARY KEY (guild_id, edition, article_id)
) PARTITION BY HASH (guild_id);

CREATE TABLE quoth.passages (
    guild_id bigint NOT NULL, edition integer NOT NULL, id bigint NOT NULL, article_id text NOT NULL COLLATE "C",
    position integer NOT NULL, sentences bytea NOT NULL, vector vector NOT NULL, sentence_vectors bytea NOT NULL,
    terms text[] NOT NULL, PRIMARY KEY (guild_id, edition, id)
) PARTITION BY HASH (guild_id);
CREATE INDEX passages_by_article ON quoth.passages (guild_id, edition, article_id);
-- The passages of large libraries, a partition each.
CREATE TABLE quoth.passages_large (
    guild_id bigint NOT NULL, edition integer NOT NULL, id bigint NOT NULL, article_id text NOT NULL COLLATE "C",
    position integer NOT NULL, sentences bytea NOT NULL, vector vector NOT NULL, sentence_vectors bytea NOT NULL,
    terms text[] NOT NULL, PRIMARY KEY (guild_id, edition, id)
) PARTITION BY LIST (guild_id);
CREATE INDEX passages_large_by_article ON quoth.passages_large (guild_id, edition, article_id);

CREATE TABLE quoth.terms (
    guild_id bigint NOT NULL, edition integer NOT NULL, term text NOT NULL COLLATE "C", passages bigint NOT NULL,
    PRIMARY KEY (guild_id, edition, term)
) PARTITION BY HASH (guild_id);
-- hits: (passage, count, length of the passage) triples of 4, 2 and 2 bytes, 512 passage numbers a block.
CREATE TABLE quoth.postings (
    guild_id bigint NOT NULL, edition integer NOT NULL, term text NOT NULL COLLATE "C", block integer NOT NULL,
    hits bytea NOT NULL, PRIMARY KEY (guild_id, edition, term, block)
) PARTITION BY HASH (guild_id);

DO $$
DECLARE parent text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['articles', 'outlines', 'passages', 'terms', 'postings'] LOOP
        FOR part IN 0..15 LOOP
            EXECUTE format('CREATE TABLE quoth.%I PARTITION OF quoth.%I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                           parent || '_' || part, parent, part);
        END LOOP;
    END LOOP;
    FOR part IN 0..15 LOOP
        -- An exact search reads every vector: they stay in the row, and what is read less goes out of it.
        EXECUTE format('ALTER TABLE quoth.passages_%s ALTER vector SET STORAGE MAIN, '
                       'ALTER sentence_vectors SET STORAGE EXTERNAL', part);
        -- Blocks grow in place.
        EXECUTE format('ALTER TABLE quoth.postings_%s SET (fillfactor = 70)', part);
    END LOOP;
END $$;

CREATE TABLE quoth.audiences (
    guild_id bigint NOT NULL, article_id text NOT NULL COLLATE "C", groups text NOT NULL,
    PRIMARY KEY (guild_id, article_id)
);
CREATE TABLE quoth.versions (
    guild_id bigint NOT NULL, article_id text NOT NULL COLLATE "C", number integer NOT NULL, until text NOT NULL,
    title text NOT NULL, text bytea NOT NULL, PRIMARY KEY (guild_id, article_id, number)
);
CREATE TABLE quoth.feeds (
    guild_id bigint NOT NULL, url text NOT NULL COLLATE "C", title text NOT NULL COLLATE "C", added text NOT NULL,
    polled text, next_poll text, failures integer NOT NULL DEFAULT 0, error text, etag text, modified text,
    PRIMARY KEY (guild_id, url)
);
-- A feed may name an entry at any length, and a key has its bounds: so a digest stands in it.
CREATE TABLE quoth.feed_entries (
    guild_id bigint NOT NULL, feed text NOT NULL COLLATE "C", digest bytea NOT NULL, entry text NOT NULL,
    article_id text, tries integer NOT NULL, PRIMARY KEY (guild_id, feed, digest),
    FOREIGN KEY (guild_id, feed) REFERENCES quoth.feeds (guild_id, url) ON DELETE CASCADE
);
-- Which files of watched folders were read. A path may have any length: a digest of folder and file is the key.
CREATE TABLE quoth.folder_files (
    guild_id bigint NOT NULL, digest bytea NOT NULL, folder text NOT NULL COLLATE "C", file text NOT NULL COLLATE "C",
    stamp text NOT NULL, articles text NOT NULL, PRIMARY KEY (guild_id, digest)
);

DO $$
DECLARE guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['libraries', 'editions', 'articles', 'outlines', 'passages', 'passages_large',
                                   'terms', 'postings', 'audiences', 'versions', 'feeds', 'feed_entries',
                                   'folder_files'] LOOP
        EXECUTE format('ALTER TABLE quoth.%I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE quoth.%I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format('CREATE POLICY one_guild ON quoth.%I USING '
                       '(guild_id = nullif(current_setting(''quoth.guild'', true), '''')::bigint)', guarded);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON quoth.%I TO quoth_app', guarded);
    END LOOP;
    GRANT SELECT, INSERT, DELETE ON quoth.directory TO quoth_app;
END $$;
