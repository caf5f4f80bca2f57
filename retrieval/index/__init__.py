"""What a search reads beside the database: vectors, their sign bits, and the words, in files that are mapped."""
