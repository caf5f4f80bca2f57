"""What a person names, a file, a folder or an address → documents: texts as they were given."""
