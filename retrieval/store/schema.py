"""The tables of a library's SQLite file, and how older files become like newer ones."""

# What is known of an article, as text whose digest is its seal: a letter that the disk changed is noticed.
KNOWN = "json_array(id, doc_id, title, source, author, published, published_from, url, added, characters, digest)"
# The same of an earlier version, with its packed text.
EARLIER = "json_array(article_id, until, title, hex(text))"
# Of a row of articles: what changes whenever anything does that is kept of it. Passages' ids are never given twice.
STAMP = (
    "json_array(seal, marks, (SELECT groups FROM audiences WHERE article_id = articles.id), "
    "(SELECT min(p.id) FROM passages AS p WHERE p.article_id = articles.id), "
    "(SELECT max(v.rowid) FROM versions AS v WHERE v.article_id = articles.id), "
    "(SELECT value FROM facts WHERE name = 'model'))"
)

# One script a version. Never change one that was released.
MIGRATIONS = (
    """
    CREATE TABLE articles (
        id TEXT PRIMARY KEY, doc_id TEXT, title TEXT NOT NULL, source TEXT NOT NULL, author TEXT NOT NULL,
        published TEXT, published_from TEXT NOT NULL, url TEXT, added TEXT NOT NULL,
        characters INTEGER NOT NULL, text TEXT NOT NULL, marks TEXT NOT NULL, digest TEXT NOT NULL
    ) STRICT;
    CREATE INDEX articles_by_digest ON articles (digest);
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL REFERENCES articles (id),
        position INTEGER NOT NULL, sentences BLOB NOT NULL, vector BLOB NOT NULL,
        sentence_vectors BLOB NOT NULL, terms BLOB NOT NULL, UNIQUE (article_id, position)
    ) STRICT;
    CREATE TABLE terms (
        id INTEGER PRIMARY KEY AUTOINCREMENT, term TEXT NOT NULL UNIQUE, passages INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE rebuilt_articles (
        article_id TEXT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE, marks TEXT NOT NULL
    ) STRICT;
    CREATE TABLE rebuilt_passages (
        article_id TEXT NOT NULL REFERENCES rebuilt_articles (article_id) ON DELETE CASCADE,
        position INTEGER NOT NULL, sentences BLOB NOT NULL, vector BLOB NOT NULL,
        sentence_vectors BLOB NOT NULL, terms BLOB NOT NULL, PRIMARY KEY (article_id, position)
    ) STRICT;
    INSERT INTO facts VALUES ('stamp', hex(randomblob(8)));
    """,
    """
    DELETE FROM rebuilt_passages;
    DELETE FROM rebuilt_articles;
    DELETE FROM facts WHERE name = 'rebuilding';
    ALTER TABLE terms ADD COLUMN rebuilt INTEGER NOT NULL DEFAULT 0;
    """,
    """
    CREATE TABLE audiences (article_id TEXT PRIMARY KEY, groups TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX articles_by_url ON articles (url);
    """,
    """
    CREATE TABLE feeds (
        url TEXT PRIMARY KEY, title TEXT NOT NULL, added TEXT NOT NULL, polled TEXT, next_poll TEXT,
        failures INTEGER NOT NULL DEFAULT 0, error TEXT, etag TEXT, modified TEXT
    ) STRICT;
    CREATE TABLE feed_entries (
        feed TEXT NOT NULL REFERENCES feeds (url) ON DELETE CASCADE, entry TEXT NOT NULL,
        article_id TEXT, tries INTEGER NOT NULL, PRIMARY KEY (feed, entry)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE versions (
        article_id TEXT NOT NULL, until TEXT NOT NULL, title TEXT NOT NULL, text BLOB NOT NULL
    ) STRICT;
    CREATE INDEX versions_by_article ON versions (article_id);
    """,
    f"""
    ALTER TABLE articles ADD COLUMN seal TEXT NOT NULL DEFAULT '';
    UPDATE articles SET seal = sha256({KNOWN});
    """,
    """
    CREATE TABLE folder_files (
        folder TEXT NOT NULL, file TEXT NOT NULL, stamp TEXT NOT NULL, articles TEXT NOT NULL,
        PRIMARY KEY (folder, file)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE INDEX articles_by_source ON articles (source, added);
    """,
    """
    CREATE TABLE changes (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, stamp TEXT NOT NULL, first INTEGER, last INTEGER
    ) STRICT;
    INSERT INTO changes (stamp) VALUES (hex(randomblob(8)));
    DELETE FROM facts WHERE name = 'stamp';
    """,
    f"""
    ALTER TABLE versions ADD COLUMN seal TEXT NOT NULL DEFAULT '';
    UPDATE versions SET seal = sha256({EARLIER});
    """,
)
