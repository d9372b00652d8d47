"""The ways to look for strategies, one a file; the file's name is the method's."""
